"""Groups of runs: mean, standard deviation and every single run."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.report.charts.axis import Axis, categories, spanning
from zen_lightning.report.charts.chart import Chart, Points, Series, Spans, rows_height
from zen_lightning.report.proxy_comparison import Comparison, dataset_title, published
from zen_lightning.report.statistics import Group, Summary, is_percent
from zen_lightning.system.numbers import shortened, tick_text

_TALLEST = 12.0
"""Total height of all charts, in usual heights: 12 x 576 pixels. A choice: taller pictures are hard to view."""

_COUNTED_FROM = 10_000
"""Values from this one up are written like counts, as 12k. A choice: a metric in percent never is."""


class GroupCharts(NamedTuple):
    """A chart for each metric, and the metrics for which there was no room."""

    charts: list[Chart]
    left_out: list[str]


def group_charts(groups: Sequence[Group], keys: Sequence[str], names: Sequence[str], title: str) -> GroupCharts:
    """Return a chart for each metric, and in it a row for each group: its runs as points, mean and standard deviation.

    A metric that is the same for all runs has no chart, unless there is no other.

    Args:
        groups: first above.
        keys: the keys that the groups differ in.
        names: the names of the metrics; those that no group has are left out.
        title: the title of the charts.
    """
    height = rows_height(len(groups), around=0.2)
    values = {name: {value for group in groups for value in group.metrics[name].values} for name in names}
    known = [name for name in names if len(values[name]) > 1] or [name for name in names if values[name]][:1]
    shown = known[: max(1, int(_TALLEST / height))]
    labels = categories(
        [shortened(" ".join(filter(None, group.settings)) or "all runs", 40) for group in groups], shortened(" ".join(keys), 40)
    )
    charts = []
    for name in shown:
        series, ends = _rows([group.metrics[name] for group in groups])
        text = tick_text if max(map(abs, values[name])) >= _COUNTED_FROM else "{:.6g}".format
        percent = is_percent(name)
        x = Axis(*spanning(ends, percent=percent), f"{name}, percent" if percent else name, text)
        charts.append(Chart(title, x, labels, series, height))
    return GroupCharts(charts, known[len(shown) :])


def comparison_charts(comparison: Comparison, source: str) -> list[Chart]:
    """Return a chart for each dataset, and in it a row for each proxy, with the published accuracy where there is one.

    Args:
        comparison: the comparison to draw.
        source: the source of the published accuracies, for the title.
    """
    charts = []
    for dataset in comparison.datasets:
        series, ends = _rows([comparison.cells[proxy, dataset] for proxy in comparison.proxies])
        told = [published(proxy, dataset) for proxy in comparison.proxies]
        known = [(value, row) for row, value in enumerate(told) if value is not None]
        if known:
            at, rows = zip(*known, strict=True)
            series.append(Points(at, rows, "published", "published"))
        x = Axis(*spanning([*ends, *(value for value, _ in known)]), f"top-1 on {dataset_title(dataset)}, percent")
        title = f"published: {source.partition(':')[0]}" if comparison.with_published else f"{len(comparison.proxies)} proxies"
        charts.append(Chart(title, x, categories(comparison.proxies), series, rows_height(len(comparison.proxies)), "above"))
    return charts


def _rows(summaries: Sequence[Summary]) -> tuple[list[Series], list[float]]:
    """Return the marks of some rows, and the values that the axis has to hold."""
    known = [(row, one, one.mean, one.std or 0.0) for row, one in enumerate(summaries) if one.mean is not None]
    rows = [row for row, *_ in known]
    lows, highs = [mean - std for *_, mean, std in known], [mean + std for *_, mean, std in known]
    single = [(value, row) for row, one, *_ in known for value in one.values]
    series: list[Series] = [
        Spans(lows, highs, rows, "deviation"),
        Points([mean for _, _, mean, _ in known], rows, "average"),
        Points([value for value, _ in single], [row for _, row in single], "single"),
    ]
    return series if known else [], [*lows, *highs, *(value for value, _ in single)]
