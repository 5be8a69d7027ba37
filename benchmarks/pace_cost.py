"""What measuring images per second, waiting and memory costs a training step.

    python benchmarks/pace_cost.py [--rounds 7] [--steps 60] [--batch-size 64]

The same training of ``zennet_cifar10_model_size05M_res32`` at 8 px with and without the measuring (callback ``Pace``, the clock
in Lightning's profiler), in turns, which a noisy machine blurs; and the calls of a step by themselves, 100,000 times.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytorch_lightning as pl
import torch

from common import header, row
from training_throughput import NETWORK, Clock, FixedBatch, fresh
from zen_lightning import zoo
from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import History
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.pace import FetchClock, Pace
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer

_CALLS = 100_000


def step(data: ImageData, recipe: Recipe, measured: bool) -> float:
    """Return the seconds of the median step."""
    clock, agreement = Clock(), Agreement()
    pace = Pace(agreement) if measured else None
    with tempfile.TemporaryDirectory() as name:
        checkpoints = Checkpoints(Path(name), 32, agreement=agreement)
        measuring: list[pl.Callback] = [pace] if pace is not None else []
        callbacks = [agreement, *measuring, Interruption(checkpoints, agreement), History(pace=pace), clock, checkpoints]
        trainer = make_trainer(Machine(accelerator="cpu"), recipe, Path(name), callbacks=callbacks, val_batches=0)
        if not measured:
            trainer.profiler = trainer.profiler._inner  # type: ignore[attr-defined]
        trainer.fit(ClassifierModule(fresh(zoo.create(NETWORK)), recipe, data.train_size), datamodule=data)
    return clock.median()


def calls() -> float:
    """Return the seconds that the calls of one step take."""
    pace, clock = Pace(), FetchClock()
    trainer: Any = SimpleNamespace(
        world_size=1, profiler=clock, loggers=[], global_step=1, strategy=SimpleNamespace(root_device=torch.device("cpu"))
    )
    pace.on_train_start(trainer, SimpleNamespace(recipe=Recipe()))
    began = time.perf_counter()
    for _ in range(_CALLS):
        clock.start("[_TrainingEpochLoop].train_dataloader_next")
        clock.stop("[_TrainingEpochLoop].train_dataloader_next")
        pace.on_train_batch_end(trainer, None, None, None, 0)
    return (time.perf_counter() - began) / _CALLS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=64)
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = Recipe(epochs=1, warmup_epochs=0, batch_size=options.batch_size)
    images = torch.randn(options.batch_size, 3, 8, 8)
    batch = (images, torch.arange(options.batch_size) % 10)
    own = ImageData(Digits(), options.batch_size, Augmentation(), image_size=8, workers=0)
    data = FixedBatch(own, batch, options.steps, image_size=8)
    without, with_it = [], []
    for _ in range(options.rounds):
        without.append(step(data, recipe, False))
        with_it.append(step(data, recipe, True))
    header()
    plain, each = statistics.median(without), statistics.median(calls() for _ in range(options.rounds))
    ratios = sorted(ours / theirs - 1 for ours, theirs in zip(with_it, without, strict=True))
    print(f"{NETWORK}, {options.batch_size} images of 8 px: {1e3 * plain:.1f} ms a step without, {options.rounds} rounds")
    between = f"rounds: {ratios[0]:+.2%} to {ratios[-1]:+.2%}"
    median = statistics.median(ratios)
    row("a step with the measuring, against one without", f"{median:+.2%} ({between})", "under 1%", median < 0.01)
    row("the calls of a step alone", f"{1e6 * each:.1f} µs, {each / plain:.3%} of a step", "under 1%", each / plain < 0.01)


if __name__ == "__main__":
    main()
