"""Images per second, waiting for data, memory: measured, kept over a stop, shown and logged."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from pytorch_lightning.loggers.logger import DummyLogger
from pytorch_lightning.profilers import SimpleProfiler

from training.conftest import AUGMENTATION, STRUCTURE
from zen_lightning.api.fitting import Loop, fit
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.arch import Architecture
from zen_lightning.data import Digits, ImageData
from zen_lightning.nets import build_network
from zen_lightning.system import peak_memory as process_peak
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import COLUMNS
from zen_lightning.training.interruption import Interrupted
from zen_lightning.training.pace import MEMORY, RATE, WAIT, Counts, FetchClock, Pace, overall, peak_memory
from zen_lightning.training.progress import ShowProgress
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine

SLEEP = 0.02


class _SlowData(ImageData):
    """Takes its time for every training batch."""

    def train_dataloader(self) -> Any:
        loader = super().train_dataloader()
        fetch = loader.collate_fn

        def slow(samples: Any) -> Any:
            time.sleep(SLEEP)
            return fetch(samples)

        loader.collate_fn = slow
        return loader


def run(folder: Path, data_kind: type[ImageData] = ImageData, epochs: int = 2, **loop: Any) -> list[dict[str, float]]:
    recipe = Recipe(epochs=epochs, warmup_epochs=0, batch_size=8, bn_momentum=0.1)
    network = build_network(Architecture.parse(STRUCTURE), 10)
    setup = TrainingSetup(network, Digits(), recipe, AUGMENTATION, Machine(accelerator="cpu"), 8, False)
    data = data_kind(Digits(), 8, AUGMENTATION, image_size=8, workers=0, limit=40)
    return fit(setup, data, lambda images: ClassifierModule(network, recipe, images, 0, 8), folder, {}, Loop(**loop)).rows


def test_an_epoch_tells_its_pace_without_validation(tmp_path: Path) -> None:
    for row in run(tmp_path):
        assert 40 / row[RATE] < row["seconds"]
        assert 0 < row[WAIT] < 100
        assert 10 < row[MEMORY] < 1e6
        assert set(row) <= set(COLUMNS)


def test_slow_data_are_waited_for(tmp_path: Path) -> None:
    row = run(tmp_path, _SlowData)[-1]
    spent = 40 / row[RATE]
    assert 5 * SLEEP < row[WAIT] / 100 * spent <= spent  # Five batches; how fast the rest is depends on the machine.


def test_another_profiler_is_told_everything(tmp_path: Path) -> None:
    profiler = SimpleProfiler(dirpath=tmp_path, filename="simple")
    assert run(tmp_path / "run", _SlowData, epochs=1, profiler=profiler)[0][WAIT] > 0
    text = (tmp_path / "fit-simple.txt").read_text()
    assert "train_dataloader_next" in text
    assert "training_step" in text


class _Steps(DummyLogger):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int | None, dict[str, float]]] = []

    def log_metrics(self, metrics: Any, step: int | None = None) -> None:
        self.seen.append((step, dict(metrics)))


def test_loggers_get_it_with_the_steps_and_with_each_epoch(tmp_path: Path) -> None:
    logger = _Steps()

    def often(trainer: Any) -> None:
        trainer.log_every_n_steps = 2

    rows = run(tmp_path, loggers=[logger], on_trainer=often)
    steps = {step: metrics for step, metrics in logger.seen if RATE in metrics}
    assert sorted(steps) == [1, 3, 5, 7, 9]  # type: ignore[type-var]
    assert all(metrics[RATE] > 0 and 0 <= metrics[WAIT] <= 100 for metrics in steps.values())
    epochs = [metrics for _, metrics in logger.seen if f"epoch_{RATE}" in metrics]
    assert [[one[f"epoch_{name}"] for name in (RATE, WAIT, MEMORY)] for one in epochs] == [
        [row[name] for name in (RATE, WAIT, MEMORY)] for row in rows
    ]


def test_an_epoch_that_was_stopped_counts_all_of_its_parts(tmp_path: Path) -> None:
    class Stop(_SlowData):
        """Asks to stop at the fourth batch of the first epoch."""

        def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
            if self.trainer is not None and self.trainer.global_step == 3 and self.trainer.training:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().on_after_batch_transfer(batch, dataloader_idx)

    def listening(trainer: Any, interruption: Any) -> Any:
        return interruption.listening()

    with pytest.raises(Interrupted):
        run(tmp_path, Stop, guard=listening)
    kept = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)["callbacks"]["Pace"]
    assert kept["images"] == 32
    assert 4 * SLEEP < kept["waited"] <= kept["seconds"]
    row = run(tmp_path)[0]  # The last batch comes at once: the waiting is that of the part before.
    assert row[WAIT] / 100 * 40 / row[RATE] == pytest.approx(kept["waited"], abs=4 * SLEEP)
    assert 40 / row[RATE] > kept["seconds"]


def test_a_checkpoint_of_an_earlier_release_is_continued(tmp_path: Path) -> None:
    run(tmp_path, epochs=1)
    last = tmp_path / "checkpoints" / "last.ckpt"
    content = torch.load(last, weights_only=True)
    del content["callbacks"]["Pace"]
    for row in content["callbacks"]["History"]["rows"]:
        for name in (RATE, WAIT, MEMORY):
            del row[name]
    content["callbacks"]["Checkpoints"]["identity"]["recipe.epochs"] = 2
    torch.save(content, last)
    (last.parent / ".sha256" / "last.ckpt").unlink()
    first, second = run(tmp_path)
    assert RATE not in first
    assert second[RATE] > 0
    assert overall([first, second])[RATE] == pytest.approx(second[RATE], abs=0.01)


def test_the_bar_shows_it_in_eighty_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, _SlowData, callbacks=[ShowProgress()])
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "images/s  waits for data " in lines[-1]
    assert lines[-1].rstrip().endswith(("MB", "B"))


class _Group:
    """Stands for three processes: the slowest has twice the time."""

    def largest(self, *values: float) -> list[float]:
        return [2 * value for value in values]


def test_several_processes_count_together(tmp_path: Path) -> None:
    pace = Pace(_Group())  # type: ignore[arg-type]
    pace.processes = 3
    pace._total = Counts(images=40, seconds=2.0, waited=1.0)

    class Trainer:
        class strategy:  # noqa: N801
            root_device = torch.device("cpu")

    row = pace.row(Trainer())  # type: ignore[arg-type]
    assert (row[RATE], row[WAIT]) == (40 * 3 / 4, 50.0)
    assert pace.row(Trainer()).keys() == {MEMORY}  # type: ignore[arg-type]  # Nothing was done since.


def test_the_clock_takes_training_batches_alone() -> None:
    clock = FetchClock()
    for name in ("[_EvaluationLoop].val_next", "run_training_batch"):
        clock.start(name)
        time.sleep(0.002)
        clock.stop(name)
    assert clock.waited == 0.0
    clock.start("[_TrainingEpochLoop].train_dataloader_next")
    time.sleep(0.002)
    clock.stop("[_TrainingEpochLoop].train_dataloader_next")
    assert clock.waited >= 0.002


def test_memory_rises_with_what_a_process_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    before = peak_memory(torch.device("cpu"))
    assert before is not None
    held = bytearray(b"x" * (int(before * 1e6) + 50_000_000))
    after = peak_memory(torch.device("cpu"))
    assert after is not None
    assert after > before + 40
    del held
    monkeypatch.setattr(process_peak, "_STATUS", Path("/nowhere"))
    if sys.platform != "win32":
        other = process_peak.peak_process_memory()
        assert other is not None
        assert other > 40_000_000


def test_rows_without_figures_say_nothing() -> None:
    assert overall([{"epoch": 1.0, "seconds": 3.0}]) == {}
    assert overall([]) == {}
