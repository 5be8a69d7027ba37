"""Charts of the trials of a tuning."""

import pytest

from zen_lightning.report.charts.chart import Bars, Line, Points
from zen_lightning.report.charts.tuning import Parameter, TrialPoint, parameter_charts, tuning_charts

POINTS = [TrialPoint(0, 50.0, False), TrialPoint(1, 20.0, True), TrialPoint(2, 70.0, False), TrialPoint(3, 60.0, False)]


@pytest.mark.parametrize(("highest", "best"), [(True, [50.0, 70.0, 70.0]), (False, [50.0, 50.0, 50.0])])
def test_the_best_so_far_counts_whole_trials(highest: bool, best: list[float]) -> None:
    trials, importance = tuning_charts(POINTS, {"recipe.lr": 0.9, "recipe.mixup": 0.1}, "val_top1", highest)
    (line,) = (one for one in trials.series if isinstance(one, Line))
    assert (line.ys, line.steps) == (best, True)
    assert [one.label for one in trials.series if isinstance(one, Points)] == ["complete", "pruned", f"best: {best[-1]:.6g}"]
    (bars,) = importance.series
    assert isinstance(bars, Bars)
    assert list(bars.xs) == [0.9, 0.1]
    assert list(importance.y.names) == ["recipe.lr", "recipe.mixup"]


def test_without_importance_there_is_one_chart() -> None:
    assert len(tuning_charts(POINTS, {}, "val_top1", True)) == 1


def test_a_chart_for_each_parameter() -> None:
    parameters = [
        Parameter("lr", [0.1, 0.2, 0.01, 1.0], None, True),
        Parameter("mixup", ["0", "0.2", "0", "0"], ("0", "0.2"), False),
    ]
    first, second = parameter_charts(parameters, POINTS, "val_top1")
    assert (first.x.log, second.x.log) == (True, False)
    assert list(second.x.names) == ["0", "0.2"]
    complete, pruned = second.series
    assert isinstance(complete, Points)
    assert isinstance(pruned, Points)
    assert (complete.xs, pruned.xs) == ([0, 0, 0], [1])
