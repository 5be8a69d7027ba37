"""The picture of a training."""

from pathlib import Path

import pytest

from zen_lightning.report.png.training_plot import plot_training


@pytest.mark.parametrize("epochs", [1, 2, 9])
def test_a_picture_for_any_number_of_epochs(tmp_path: Path, epochs: int) -> None:
    rows = [
        {"epoch": e + 1, "train_loss": 2 / (e + 1), "val_loss": 30 / (e + 1) ** 3, "val_top1": 10.0 * e} for e in range(epochs)
    ]
    plot_training(tmp_path / "a.png", rows, "title")
    plot_training(tmp_path / "b.png", [{"epoch": 1, "train_loss": 2.0}, *rows[1:]], "title")
    assert min(path.stat().st_size for path in tmp_path.iterdir()) > 5_000
