"""What a tuning and an aggregate show of their runs."""

from collections.abc import Sequence

from zen_lightning.report.charts.chart import Chart
from zen_lightning.report.charts.groups import group_charts
from zen_lightning.report.charts.tuning import parameter_charts, read_trials, tuning_charts
from zen_lightning.report.html.markup import Markup, element
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figure
from zen_lightning.report.statistics import Row, grouped
from zen_lightning.runs.run_folder import RunFolder, number


def trials(run: RunFolder) -> Section | None:
    """Return the section on the trials of a tuning; None before one is complete."""
    points, parameters = read_trials(run)
    if all(point.pruned for point in points):
        return None
    result, metric = run.result, str(run.result["metric"])
    charts = tuning_charts(points, result.get("importance") or {}, metric, result["direction"] == "maximize")
    return Section("trials", "The trials", _figures([*charts, *parameter_charts(parameters, points, metric)]))


def groups(run: RunFolder) -> Section | None:
    """Return the section on the groups of an aggregate: mean, standard deviation and every run; None without any."""
    by, metrics = run.result.get("by") or [], run.result.get("metrics") or []
    found = [(row, {name: number(row, name) for name in metrics}) for row in run.table("runs.csv")]
    # Those without a result are listed there, too.
    rows = [Row(tuple(row.get(key) or "" for key in by), known) for row, known in found if any(map(_is_known, known.values()))]
    if not rows:
        return None
    title = f"mean and standard deviation, runs: {len(rows)}"
    return Section("groups", "The groups", _figures(group_charts(grouped(rows, metrics), by, metrics, title).charts))


def _figures(charts: Sequence[Chart]) -> Markup:
    return element("div", [figure(chart, chart.title) for chart in charts], class_="pair")


def _is_known(value: float | None) -> bool:
    return value is not None
