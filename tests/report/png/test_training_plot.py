"""The picture and the progress of a training."""

from pathlib import Path

import pytest

from zen_lightning.report.png.training_plot import plot_training
from zen_lightning.report.terminal.training_progress import TrainingDisplay


@pytest.mark.parametrize("epochs", [1, 2, 9])
def test_a_picture_for_any_number_of_epochs(tmp_path: Path, epochs: int) -> None:
    rows = [
        {"epoch": e + 1, "train_loss": 2 / (e + 1), "val_loss": 30 / (e + 1) ** 3, "val_top1": 10.0 * e} for e in range(epochs)
    ]
    plot_training(tmp_path / "a.png", rows, "title")
    plot_training(tmp_path / "b.png", [{"epoch": 1, "train_loss": 2.0}, *rows[1:]], "title")
    assert min(path.stat().st_size for path in tmp_path.iterdir()) > 5_000


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from zen_lightning.report.terminal import training_progress

    now = [0.0]
    monkeypatch.setattr(training_progress.time, "monotonic", lambda: now[0])
    display = TrainingDisplay()
    display.start(total=1000, done=100)
    for step in range(101, 301):
        now[0] += 0.5
        display.step(step, epoch=2, loss=1.25)
    display.stop()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3  # One each 30 seconds.
    assert lines[-1].split() == [
        "280",
        "/",
        "1,000",
        "steps",
        "epoch",
        "2",
        "loss",
        "1.250",
        "2.00/s",
        "6",
        "min",
        "0",
        "s",
        "left",
    ]
