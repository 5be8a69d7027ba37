"""Charts of a training."""

import pytest

from zen_lightning.report.charts.chart import Line, Points
from zen_lightning.report.charts.training import speed_curve, training_curves


@pytest.mark.parametrize("epochs", [1, 2, 9])
def test_charts_for_any_number_of_epochs(epochs: int) -> None:
    rows = [
        {"epoch": e + 1, "train_loss": 2 / (e + 1), "val_loss": 30 / (e + 1) ** 3, "val_top1": 10.0 * e} for e in range(epochs)
    ]
    loss, accuracy = training_curves(rows)
    assert {type(one) for one in loss.series} == {Points if epochs < 3 else Line}
    assert loss.y.high >= 2.0
    star = accuracy.series[-1]
    assert isinstance(star, Points)
    assert (list(star.xs), star.label) == ([epochs], f"best: {10 * (epochs - 1):.2f}%, epoch {epochs}")
    assert accuracy.y.low < accuracy.y.high


def test_a_first_loss_far_above_all_others_does_not_flatten_them() -> None:
    rows = [{"epoch": e, "train_loss": 1.0, "val_loss": 1e6 if e == 1 else 1.0, "val_top1": 50.0} for e in range(1, 9)]
    assert training_curves(rows)[0].y.high < 2.0


def test_rows_of_a_csv_file_without_a_validation() -> None:
    (loss,) = training_curves([{"epoch": "1", "train_loss": "2.0", "val_loss": "", "val_top1": ""}])
    assert [one.label for one in loss.series] == ["training"]


def test_the_axis_of_an_accuracy_ends_at_100() -> None:
    rows = [{"epoch": e, "train_loss": 1.0, "val_loss": 1.0, "val_top1": 100.0} for e in (1, 2, 3)]
    _, accuracy = training_curves(rows)
    assert 100.0 < accuracy.y.high < 103.0


def test_images_per_second_where_a_history_has_them() -> None:
    rows = [{"epoch": e, "train_loss": 1.0, "images_per_second": "" if e == 1 else str(100.0 * e)} for e in range(1, 5)]
    chart = speed_curve(rows)
    assert chart is not None
    (line,) = chart.series
    assert isinstance(line, Line)
    assert (list(line.xs), list(line.ys)) == ([2, 3, 4], [200, 300, 400])
    assert (chart.y.low, chart.y.high) == (0.0, pytest.approx(440))
    assert speed_curve([{"epoch": 1, "train_loss": 1.0}]) is None
