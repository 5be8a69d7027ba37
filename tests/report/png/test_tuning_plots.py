"""Plots of the trials of a tuning."""

from pathlib import Path

import pytest

from report.png.drawn_figures import drawn
from zen_lightning.report.png.tuning_plots import Parameter, TrialPoint, plot_parameters, plot_tuning

POINTS = [TrialPoint(0, 50.0, False), TrialPoint(1, 20.0, True), TrialPoint(2, 70.0, False), TrialPoint(3, 60.0, False)]


@pytest.mark.parametrize(("highest", "best"), [(True, [50.0, 70.0, 70.0]), (False, [50.0, 50.0, 50.0])])
def test_the_best_so_far_counts_whole_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, highest: bool, best: list[float]
) -> None:
    kept = drawn(monkeypatch)
    plot_tuning(tmp_path / "tuning.png", POINTS, {"recipe.lr": 0.9, "recipe.mixup": 0.1}, "val_top1", highest)
    trials, importance = kept[0].axes  # type: ignore[attr-defined]
    assert list(trials.lines[0].get_ydata()) == best
    assert len(importance.patches) == 2


def test_a_panel_for_each_parameter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = drawn(monkeypatch)
    parameters = [
        Parameter("lr", [0.1, 0.2, 0.01, 1.0], None, True),
        Parameter("mixup", ["0", "0.2", "0", "0"], ("0", "0.2"), False),
    ]
    plot_parameters(tmp_path / "parameters.png", parameters, POINTS, "val_top1")
    first, second = kept[0].axes  # type: ignore[attr-defined]
    assert (first.get_xscale(), second.get_xscale()) == ("log", "linear")
    assert [label.get_text() for label in second.get_xticklabels()] == ["0", "0.2"]
