"""What each limit on layers gives."""

from zen_lightning.report.charts.chart import Mark, Note
from zen_lightning.report.charts.depths import depth_charts


def test_the_chosen_depth_is_marked_in_both_charts() -> None:
    rows = [{"limit": str(n), "score": str(n), "calibrated": str(-abs(n - 12))} for n in (10, 12, 14)]
    charts = depth_charts(rows, "zen")
    assert [chart.y.label for chart in charts] == ["zen", "calibrated score"]
    assert [one.x for chart in charts for one in chart.series if isinstance(one, Mark)] == [12.0, 12.0]
    assert [one.text for chart in charts for one in chart.series if isinstance(one, Note)] == ["chosen: 12"]
    assert charts[0].x.ticks() == [10.0, 12.0, 14.0]


def test_accuracies_get_a_chart_of_their_own_and_choose() -> None:
    rows = [{"limit": str(n), "score": str(n), "calibrated": str(n), "trained": str(90 - n)} for n in (10, 12)]
    charts = depth_charts(rows, "zen")
    assert [chart.y.label for chart in charts] == ["zen", "calibrated score", "top-1 of a short training, %"]
    assert [[one.text for one in chart.series if isinstance(one, Note)] for chart in charts] == [[], [], ["chosen: 10"]]
