"""Charts of groups of runs."""

from zen_lightning.report.charts.chart import Points, Spans
from zen_lightning.report.charts.groups import comparison_charts, group_charts
from zen_lightning.report.proxy_comparison import SOURCE, Trained, compare_proxies
from zen_lightning.report.statistics import Row, grouped

ROWS = [Row((lr,), {"val_top1": value, "params": 1e6, "none": None}) for lr, value in (("1", 2.0), ("1", 3.0), ("2", 4.0))]


def test_a_chart_for_each_metric_that_differs() -> None:
    names = ["val_top1", "params", "none"]
    (chart,), left_out = group_charts(grouped(ROWS, names), ["recipe.lr"], names, "runs")
    assert (chart.x.label, list(chart.y.names), chart.y.label) == ("val_top1, percent", ["1", "2"], "recipe.lr")
    deviations, average, single = chart.series
    assert isinstance(deviations, Spans)
    assert isinstance(average, Points)
    assert isinstance(single, Points)
    assert list(zip(single.xs, single.ys, strict=True)) == [(2.0, 0), (3.0, 0), (4.0, 1)]
    assert list(average.xs) == [2.5, 4.0]
    assert deviations.lows[0] < 2.0 < 3.0 < deviations.highs[0]
    assert left_out == []


def test_what_finds_no_room_is_named() -> None:
    rows = [Row((str(number),), {"a": number, "b": -number}) for number in range(150)]
    charts, left_out = group_charts(grouped(rows, ["a", "b"]), ["x"], ["a", "b"], "runs")
    assert (len(charts), left_out) == (1, ["b"])


def test_published_accuracies_are_drawn() -> None:
    (chart,) = comparison_charts(compare_proxies([Trained("zen", "cifar10", 95.0)]), SOURCE)
    marks = {one.style: set(zip(one.xs, one.ys, strict=True)) for one in chart.series if isinstance(one, Points)}
    assert marks["single"] == {(95.0, 0)}
    assert {(96.2, 0), (93.5, 6)} <= marks["published"]
    assert chart.x.low < 93.0 < 96.2 < chart.x.high
