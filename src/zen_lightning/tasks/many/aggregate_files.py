"""The files that ``task=aggregate`` leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.report.charts.overview import CorrelationOverview
from zen_lightning.report.group_table import group_table
from zen_lightning.report.proxy_comparison import SOURCE, Comparison, comparison_columns, comparison_rows, published
from zen_lightning.report.statistics import Group, Row
from zen_lightning.report.table_formats import latex_table, markdown_table, markdown_text
from zen_lightning.runs.finding import Incomplete
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.settings import SEED, RunSettings
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.files import write_text

_TABLES = ("table.md", "table.csv", "table.tex", "table.png")
_PROXIES = ("proxies.md", "proxies.csv", "proxies.tex", "proxies.png")
_CORRELATIONS = ("correlations.md", "correlations.csv", "correlations.tex", "correlations.png")
FILES = (*_TABLES, *_PROXIES, *_CORRELATIONS, "runs.csv", RESULT)
"""Files that are left, in the order in which they are listed."""


class Aggregate(NamedTuple):
    """What was made of some runs.

    Attributes:
        roots: the folders they are below.
        settings: the settings of each run with a result.
        incomplete: the others.
        by: keys that runs are grouped by.
        metrics: names of the metrics.
        groups: mean and standard deviation of each.
        notes: what to know about the groups.
        comparison: the proxies against each other; None where no network of a known proxy was trained.
        remarks: what to know about that.
        correlations: how proxies rank on several data sets; None where no run is a correlation study.
    """

    roots: list[Path]
    settings: list[RunSettings]
    incomplete: list[Incomplete]
    by: list[str]
    metrics: list[str]
    groups: list[Group]
    notes: list[str]
    comparison: Comparison | None
    remarks: list[str]
    correlations: CorrelationOverview | None = None


def comparison_table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Return headings and cells of the proxies against each other, as text."""
    return comparison_columns(comparison), comparison_rows(comparison)


def write_tables(folder: Path, whole: Aggregate, rows: Sequence[Row]) -> dict[str, Any]:
    """Write the tables, and return what ``result.json`` says.

    Args:
        folder: the folder of this run.
        whole: what was made of the runs.
        rows: settings and metrics of each run.
    """
    _write_runs(folder, whole, rows)
    columns, cells = group_table(whole.by, whole.groups, whole.metrics)
    caption = f"Mean and sample standard deviation; runs: {len(whole.settings)}."
    _write_texts(folder / "table", columns, cells, max(1, len(whole.by)), caption, whole.notes + _left_out(whole))
    columns = [f"{name}_{part}" for name in whole.metrics for part in ("mean", "std", "n")]
    numbers = [[part for name in whole.metrics for part in _numbers(group, name)] for group in whole.groups]
    write_csv(
        folder / "table.csv",
        [*whole.by, "runs", *columns],
        [[*group.settings, group.runs, *line] for group, line in zip(whole.groups, numbers, strict=True)],
    )
    if whole.comparison is not None:
        _write_comparison(folder, whole.comparison, whole.remarks)
    if whole.correlations is not None:
        _write_correlations(folder, whole.correlations)
    return {
        "sweep": [str(root) for root in whole.roots],
        "runs": len(whole.settings),
        "by": whole.by,
        "metrics": whole.metrics,
        "groups": [
            {
                "settings": dict(zip(whole.by, group.settings, strict=True)),
                "runs": group.runs,
                "figures": {
                    name: dict(zip(("mean", "std", "n"), _numbers(group, name), strict=True)) for name in whole.metrics
                },
            }
            for group in whole.groups
        ],
        "notes": whole.notes + whole.remarks,
        "incomplete": [one._asdict() | {"folder": str(one.folder)} for one in whole.incomplete],
        "published": SOURCE if whole.comparison is not None and whole.comparison.with_published else None,
    }


def _write_runs(folder: Path, whole: Aggregate, rows: Sequence[Row]) -> None:
    keys = list(dict.fromkeys(["task", "stage", "proxy", "dataset", *whole.by, SEED]))
    lines = [
        [str(one.run.folder), "finished", *(one.get(key) for key in keys), *(row.metrics[name] for name in whole.metrics)]
        for one, row in zip(whole.settings, rows, strict=True)
    ]
    nothing = [""] * (len(keys) + len(whole.metrics))
    lines += [[str(one.folder), one.state, *nothing] for one in whole.incomplete]
    write_csv(folder / "runs.csv", ["folder", "state", *keys, *whole.metrics], lines)


def _write_comparison(folder: Path, comparison: Comparison, remarks: Sequence[str]) -> None:
    columns, cells = comparison_table(comparison)
    _write_texts(folder / "proxies", columns, cells, 1, "Top-1 in percent of the networks that each proxy found.", remarks)
    write_csv(
        folder / "proxies.csv",
        ["proxy", "dataset", "n", "mean", "std", "published"],
        [
            (proxy, dataset, summary.n, summary.mean, summary.std, published(proxy, dataset))
            for (proxy, dataset), summary in comparison.cells.items()
        ],
    )


def _write_correlations(folder: Path, overview: CorrelationOverview) -> None:
    columns, cells = overview.rows()
    _write_texts(folder / "correlations", columns, cells, 1, f"{overview.measure}, with 95% intervals.", [])
    write_csv(
        folder / "correlations.csv",
        ["proxy", "dataset", "kendall", "low", "high"],
        [(proxy, dataset, *found) for (proxy, dataset), found in overview.cells.items()],
    )


def _write_texts(path: Path, columns: list[str], cells: list[list[str]], left: int, caption: str, notes: Sequence[str]) -> None:
    listed = "".join(f"- {markdown_text(note)}\n" for note in notes)
    markdown = markdown_table(columns, cells, left)
    write_text(path.with_suffix(".md"), f"{markdown_text(caption)}\n\n{markdown}" + (f"\n{listed}" if listed else ""))
    write_text(path.with_suffix(".tex"), latex_table(columns, cells, left, "\n".join([caption, *notes])))


def _left_out(whole: Aggregate) -> list[str]:
    return [f"not counted: {one.folder}: {one.state}" for one in whole.incomplete]


def _numbers(group: Group, name: str) -> tuple[float | None, float | None, int]:
    summary = group.metrics[name]
    return summary.mean, summary.std, summary.n
