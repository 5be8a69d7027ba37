"""What a tuning and an aggregate show of their runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zen_lightning.report.charts.courses import parallel_chart
from zen_lightning.report.charts.groups import group_charts
from zen_lightning.report.charts.tuning import parameter_charts, read_trials, tuning_charts
from zen_lightning.report.group_table import group_table
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.runs import course_charts, run_link
from zen_lightning.report.html.svg import figures
from zen_lightning.report.html.tables import table
from zen_lightning.report.statistics import Row, grouped
from zen_lightning.runs.run_folder import RunFolder, number

_WHOLE = 1e5
"""From here on, a metric is shown without decimals. A choice: six digits, as for smaller ones."""


def trials(run: RunFolder) -> Section | None:
    """Return the section on the trials of a tuning; None before one is complete."""
    points, parameters = read_trials(run)
    if all(point.pruned for point in points):
        return None
    result, metric = run.result, str(run.result["metric"])
    charts = tuning_charts(points, result.get("importance") or {}, metric, result["direction"] == "maximize")
    charts += parameter_charts(parameters, points, metric)
    whole = [at for at, point in enumerate(points) if not point.pruned]
    if len(whole) > 1:
        columns = [(one.key, [str(one.values[at]) for at in whole]) for one in parameters]
        reached = (metric, [points[at].value for at in whole])
        charts.insert(1, parallel_chart(columns, reached, result["direction"] == "maximize"))
    return Section("trials", "The trials", markup(figures(charts), _trial_table(run, [one.key for one in parameters], metric)))


def _trial_table(run: RunFolder, keys: Sequence[str], metric: str) -> Markup:
    rows: list[list[Content]] = [
        [
            run_link(row["trial"], run.path / (row.get("folder") or f"trial-{int(row['trial']):03}"), run.path),
            ": ".join(filter(None, (row["state"], row.get("reason") or ""))),
            *(_short(row[key]) for key in keys),
            _short(row[metric]),
            row.get("seconds") or "",
        ]
        for row in run.table("trials.csv")
    ]
    return table(["trial", "state", *keys, metric, "time, s"], rows, "Every trial", left=2, sortable=True)


def _short(text: str) -> Markup:
    """Return a value with five digits; all of them are in its tooltip."""
    try:
        short = f"{float(text):.5g}"
    except ValueError:
        short = text
    return markup(text) if len(short) >= len(text) else element("span", short, title=text)


def runs(run: RunFolder) -> Section | None:
    """Return the section on the runs of an aggregate: a table with links to their reports, and their courses."""
    by, metrics = list(run.result.get("by") or []), list(run.result.get("metrics") or [])
    rows = run.table("runs.csv")
    if not rows:
        return None
    cells: list[list[Content]] = [
        [
            run_link(Path(row["folder"]).name, Path(row["folder"]), run.path),
            row.get("state") or "finished",
            *(row.get(key) or "" for key in by),
            *(_metric(row, name) for name in metrics),
        ]
        for row in rows
    ]
    named = [
        (" ".join(f"{key.rpartition('.')[2]}={row.get(key)}" for key in by) or "all", Path(row["folder"]), None) for row in rows
    ]
    body = table(["run", "state", *by, *metrics], cells, "Every run", left=2 + len(by), sortable=True)
    return Section("runs", "The runs", markup(figures(course_charts(named)), body))


def _metric(row: Mapping[str, Any], name: str) -> str:
    value = number(row, name)
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= _WHOLE or value.is_integer() else f"{value:,.6g}"


def groups(run: RunFolder) -> Section | None:
    """Return the section on the groups of an aggregate: mean, standard deviation and every run; None without any."""
    by, metrics = run.result.get("by") or [], run.result.get("metrics") or []
    found = [(row, {name: number(row, name) for name in metrics}) for row in run.table("runs.csv")]
    # Those without a result are listed there, too.
    rows = [Row(tuple(row.get(key) or "" for key in by), known) for row, known in found if any(map(_is_known, known.values()))]
    if not rows:
        return None
    title = f"mean and standard deviation, runs: {len(rows)}"
    found_groups = grouped(rows, metrics)
    columns, lines = group_table(by, found_groups, metrics)
    cells: list[list[Content]] = [list(line) for line in lines]
    listed = table(columns, cells, "Mean ± sample standard deviation", left=max(1, len(by)), sortable=True)
    return Section("groups", "The groups", markup(figures(group_charts(found_groups, by, metrics, title).charts), listed))


def _is_known(value: float | None) -> bool:
    return value is not None
