"""The picture of confused classes: a matrix for few, pairs for many."""

from zen_lightning.report.charts.calibration import reliability_charts
from zen_lightning.report.charts.chart import Bars, Cell, Points
from zen_lightning.report.charts.confusion import MOST_CLASSES, confusion_chart


def test_few_classes_are_a_matrix() -> None:
    chart = confusion_chart(["cat", "dog"], [[3, 1], [0, 0]], [("cat", "dog", 1, 25.0)])
    cells = [one for one in chart.series if isinstance(one, Cell)]
    assert [(one.column, one.row, one.value, one.text) for one in cells] == [
        (0, 0, 0.75, "3"),
        (1, 0, -0.25, "1"),
        (0, 1, 0.0, ""),
        (1, 1, 0.0, ""),
    ]
    assert list(chart.x.names) == ["cat", "dog"]


def test_long_names_give_way_to_numbers() -> None:
    names = [f"a long name of a class {number}" for number in range(10)]
    chart = confusion_chart(names, [[0] * 10] * 10, [])
    assert list(chart.x.names) == [str(number) for number in range(1, 11)]
    assert chart.y.names[9].endswith("  10")
    assert max(map(len, chart.y.names)) < 25


def test_many_classes_are_the_most_confused_pairs() -> None:
    names = [f"class {number}" for number in range(MOST_CLASSES + 1)]
    pairs = [(names[at], names[at + 1], 30 - at, 10.0) for at in range(MOST_CLASSES)] * 2
    chart = confusion_chart(names, None, pairs)
    (bars,) = [one for one in chart.series if isinstance(one, Bars)]
    assert len(bars.xs) == 20
    assert chart.y.names[0] == "class 0 → class 1"
    assert chart.x.high > 30


def test_empty_bins_have_no_point() -> None:
    diagram, images = reliability_charts([(0.0, 0.5, 0, None, None), (0.5, 1.0, 8, 0.75, 0.5)])
    (points,) = [one for one in diagram.series if isinstance(one, Points)]
    assert (list(points.xs), list(points.ys)) == ([0.75], [0.5])
    assert len(images.series) == 1
