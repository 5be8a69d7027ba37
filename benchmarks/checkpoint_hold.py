"""How long a checkpoint holds up the training: written within the step, and in the background as the trainer does.

    python benchmarks/checkpoint_hold.py [--saves 8] [--networks zennet_cifar10_model_size1M_res32 ...]

Each network trains on one fixed batch with averaged weights, so that a checkpoint holds weights, momentum and their average.
Before every save the writer is idle; both ways of writing take turns within the same training. "The step after" is what the
thread of the writer takes from the next step, against steps without one.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from common import header, row
from training_throughput import FixedBatch, fresh
from zen_lightning import zoo
from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoint_io import AtomicCheckpointIO, BackgroundCheckpointIO
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer

_EVERY = 4
"""Steps between two saves."""


class Saves(pl.Callback):
    """Saves in both ways, in turns, and takes the times."""

    def __init__(self, folder: Path) -> None:
        self.held: dict[str, list[float]] = {"within the step": [], "in the background": []}
        self.steps: dict[str, list[float]] = {"after": [], "other": []}
        self.bytes = 0
        self._path = folder / "measured.ckpt"
        self._began = 0.0
        self._after = False

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        self._began = time.perf_counter()

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        spent = time.perf_counter() - self._began
        if batch_idx:
            self.steps["after" if self._after else "other"].append(spent)
        self._after = False
        if batch_idx % _EVERY:
            return
        ours = trainer.strategy.checkpoint_io
        assert isinstance(ours, BackgroundCheckpointIO)
        ours.writer.wait()
        within = batch_idx // _EVERY % 2
        trainer.strategy.checkpoint_io = AtomicCheckpointIO() if within else ours
        began = time.perf_counter()
        trainer.save_checkpoint(self._path)
        self.held["within the step" if within else "in the background"].append(time.perf_counter() - began)
        trainer.strategy.checkpoint_io = ours
        self._after = not within
        if within:
            self.bytes = self._path.stat().st_size


def measure(name: str, saves: int) -> Saves:
    size = 8
    data = ImageData(Digits(), 8, Augmentation(), image_size=size, workers=0)
    batch = (torch.randn(8, 3, size, size), torch.arange(8))
    fixed = FixedBatch(data, batch, 2 * saves * _EVERY, image_size=size)
    recipe = Recipe(epochs=1, warmup_epochs=0, batch_size=8, ema=0.999)
    with tempfile.TemporaryDirectory() as where:
        clock = Saves(Path(where))
        agreement = Agreement()
        checkpoints = Checkpoints(Path(where), size, every_minutes=None, agreement=agreement)
        trainer = make_trainer(Machine(accelerator="cpu"), recipe, Path(where), [agreement, clock, checkpoints], val_batches=0)
        trainer.fit(ClassifierModule(fresh(zoo.create(name)), recipe, data.train_size), datamodule=fixed)
    return clock


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--saves", type=int, default=8)
    default = ["zennet_cifar10_model_size1M_res32", "zennet_imagenet1k_flops600M_SE_res224"]
    parser.add_argument("--networks", nargs="+", default=default)
    options = parser.parse_args()
    torch.set_num_threads(1)
    header()
    for name in options.networks:
        found = measure(name, options.saves)
        times = {way: statistics.median(values) for way, values in found.held.items()}
        before, now = times["within the step"], times["in the background"]
        ranges = {way: f"{1e3 * min(values):.0f} to {1e3 * max(values):.0f}" for way, values in found.held.items()}
        after, other = (statistics.median(found.steps[kind]) for kind in ("after", "other"))
        what = f"{name}, {found.bytes / 1e6:.1f} MB a checkpoint: a step held up"
        measured = (
            f"{1e3 * before:.0f} ms within the step ({ranges['within the step']}), {1e3 * now:.0f} ms in the background "
            f"({ranges['in the background']})"
        )
        row(what, measured, "at most half", now < before / 2)
        print(f"the step after {1e3 * after:.0f} ms, other steps {1e3 * other:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
