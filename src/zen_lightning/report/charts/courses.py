"""The courses of several runs over one another."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from zen_lightning.report.charts.axis import Axis, categories, spanning
from zen_lightning.report.charts.chart import Chart, Line, Note, Series
from zen_lightning.report.charts.networks import evenly
from zen_lightning.runs.run_folder import number
from zen_lightning.system.numbers import tick_text

COLOURS = 8
"""Colours of groups: the styles ``series0`` to ``series7``, of Okabe and Ito, for colour-blind people too."""

_MOST_POINTS, _MOST_RUNS = 200, 60
"""Points of a line and lines of a chart, at most. A choice: a page has no more pixels, and an eye no more patience."""


class Course(NamedTuple):
    """The course of a run.

    Attributes:
        group: what sets its group apart; runs of one group share a colour.
        xs: epochs or iterations.
        ys: what was reached.
    """

    group: str
    xs: Sequence[float]
    ys: Sequence[float]


def course_of(group: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, Course] | None:
    """Return what a history is the course of, and the course: top-1 over the epochs, or the best score over the iterations."""
    for said, x, y in (("validation top-1, percent", "epoch", "val_top1"), ("best score", "iteration", "best")):
        pairs = [(float(row[x]), value) for row in rows if row.get(x) and (value := number(row, y)) is not None]
        if len(pairs) > 1:
            xs, ys = zip(*evenly(pairs, _MOST_POINTS), strict=True)
            return said, Course(group, xs, ys)
    return None


def course_chart(said: str, courses: Sequence[Course], scale: str = "") -> Chart:
    """Return several courses over one another, a colour for each group.

    Args:
        said: what they are of, as :func:`course_of` says it.
        courses: two or more; those beyond the 60 first are left out.
        scale: by what they were measured, where others were measured otherwise.
    """
    shown = courses[:_MOST_RUNS]
    groups = list(dict.fromkeys(course.group for course in shown))
    series: list[Series] = []
    named: set[str] = set()
    for course in shown:
        style = f"series{groups.index(course.group) % COLOURS}"
        series.append(Line(course.xs, course.ys, style, "" if course.group in named else course.group))
        named.add(course.group)
    searched = said == "best score"
    low, high = (find(x for course in shown for x in course.xs) for find in (min, max))
    x = Axis(
        max(low, 1.0) if searched else low, max(high, low + 1), "iteration" if searched else "epoch", tick_text, log=searched
    )
    reached = [y for course in shown for y in course.ys[len(course.ys) // 10 :]]
    y = Axis(*spanning(reached, percent=not searched), f"{said} {scale}".rstrip())
    return Chart(f"{len(shown)} of {len(courses)} runs" if len(shown) < len(courses) else f"{len(shown)} runs", x, y, series)


_BESIDE, _ROW = 4, 0.16
"""Columns whose ends are told in one row, and the height of a row as a share of the axes. A choice: a phone then shows eight
letters to a column."""


def parallel_chart(columns: Sequence[tuple[str, Sequence[str]]], last: tuple[str, Sequence[float]], highest: bool) -> Chart:
    """Return a line for each trial through its settings to its value: parallel coordinates, the best in colour.

    Args:
        columns: name of each setting, with the value of every trial as it was written.
        last: the same of what was reached.
        highest: whether the highest is the best.
    """
    names = [*_short_names([name for name, _ in columns]), last[0]]
    scaled, ends = [], []
    for _, values in columns:
        column, low, high = _scaled(values)
        scaled.append(column)
        ends.append((low, high))
    column, low, high = _scaled([f"{value:.6g}" for value in last[1]])
    scaled.append(column)
    ends.append((low, high))
    best = last[1].index((max if highest else min)(last[1]))
    order = [place for place in range(len(last[1])) if place != best] + [best]
    series: list[Series] = [Line((place, place), (0.0, 1.0), "other") for place in range(len(names))]  # The axes.
    series += [
        Line(
            range(len(names)),
            [one[trial] for one in scaled],
            "best" if trial == best else "other",
            "the best" * (trial == best),
        )
        for trial in order
    ]
    crowded = len(ends) > _BESIDE
    for place, (low, high) in enumerate(ends):
        apart = _ROW if crowded and place % 2 else 0.0
        series += [Note(place, -apart, low, "kept", "below"), Note(place, 1 + apart, high, "kept", "above")]
    room = _ROW * (1 + crowded)
    y = Axis(-room, 1 + room, "", at=())
    return Chart("Every trial, from its settings to its value", categories(names, downwards=False), y, series, 0.8, "above")


def _scaled(values: Sequence[str]) -> tuple[list[float], str, str]:
    """Return values from 0 to 1, by size or by name, and what both ends are."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        names = sorted(set(values))
        return [names.index(value) / max(1, len(names) - 1) for value in values], names[0], names[-1]
    low, high = min(numbers), max(numbers)
    width = (high - low) or 1.0
    return [(value - low) / width for value in numbers], f"{low:.3g}", f"{high:.3g}"


def _short_names(names: Sequence[str]) -> list[str]:
    """Return the last parts of keys where they tell them apart: a phone has no room for more."""
    short = [name.rpartition(".")[2] for name in names]
    return short if len(set(short)) == len(short) else list(names)
