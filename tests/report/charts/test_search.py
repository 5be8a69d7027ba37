"""The course of a search."""

from typing import Any

from zen_lightning.report.charts.chart import Band, Line
from zen_lightning.report.charts.search import search_curve


def rows(restart: int, best: float) -> list[dict[str, Any]]:
    return [
        {"restart": restart, "iteration": i, "best": best - 1 / i, "mean": best - 2, "lowest": best - 300 / i}
        for i in (10, 20, 1000)
    ]


def test_the_best_of_several_searches_is_drawn_strong() -> None:
    chart = search_curve([*rows(0, 9.0), *rows(1, 10.0)], "a search")
    assert [(type(one), one.style) for one in chart.series if not isinstance(one, str)] == [
        (Line, "other"),
        (Band, "band"),
        (Line, "mean"),
        (Line, "best"),
    ]
    assert chart.series[-1].label == "best: 9.999"
    assert chart.title == "a search"
    assert chart.x.log


def test_the_beginning_does_not_set_the_range() -> None:
    chart = search_curve(rows(0, 10.0))
    assert 8 < chart.y.low < 9.7


def test_scores_by_rank_are_called_so() -> None:
    assert "by rank" in search_curve(rows(0, 10.0), by_rank=True).y.label


def test_a_search_of_one_row() -> None:
    chart = search_curve([{"restart": "0", "iteration": "1", "best": "3.5", "mean": "3.5", "lowest": "3.5"}])
    assert chart.x.low < chart.x.high
    assert chart.y.low < chart.y.high
