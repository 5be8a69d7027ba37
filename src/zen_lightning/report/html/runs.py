"""What reports of many runs have in common: a table of them with links, and their courses over one another."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.report.charts.chart import Chart
from zen_lightning.report.charts.courses import Course, course_chart, course_of
from zen_lightning.report.html.markup import Content
from zen_lightning.report.html.tables import link
from zen_lightning.runs.names import REPORT, RESULT
from zen_lightning.runs.run_folder import Row, read_rows
from zen_lightning.runs.scale import scale_of

_HISTORY = "history.csv"


def run_link(text: Content, folder: Path, page: Path) -> Content:
    """Return text that links to the report of a run, or to its result; plain text where there is neither.

    Args:
        text: of the link.
        folder: of the run.
        page: the folder of the page that links: both may be moved together.
    """
    found = next((folder / name for name in (REPORT, RESULT) if (folder / name).is_file()), None)
    return text if found is None else link(text, Path(os.path.relpath(found.absolute(), page.absolute())).as_posix())


def course_charts(runs: Sequence[tuple[str, Path, str | None]]) -> list[Chart]:
    """Return the courses of runs over one another, a chart for each kind of course; none where fewer than two have one.

    Scores by different proxies are not on one scale, nor are accuracies on different datasets: each has a chart of its own.

    Args:
        runs: the group and the folder of each, and by what it was measured; None: as its result says.
    """
    kinds: dict[tuple[str, str], list[Course]] = {}
    for group, folder, recorded in runs:
        found = course_of(group, _history(folder))
        if found is not None:
            kinds.setdefault((found[0], scale_of(folder, recorded)), []).append(found[1])
    several = Counter(said for said, _ in kinds)
    return [
        course_chart(said, courses, scale if several[said] > 1 else "")
        for (said, scale), courses in kinds.items()
        if len(courses) > 1
    ]


def _history(folder: Path) -> Sequence[Row]:
    try:
        return read_rows(folder / _HISTORY)
    except UserError:
        return []  # The report of that run says what is wrong with it.
