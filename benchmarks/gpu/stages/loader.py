"""The product's trainer with its real loader against the same trainer on one fixed batch, in turns, epoch by epoch."""

import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytorch_lightning as pl
import torch
from bench import Bench
from cifar_images import dataset, unpacked
from stepping import SMALL

_TARGET = 0.90


class _Turns:
    """A loader that hands out its real batches in even epochs, and its first batch again and again in odd ones."""

    def __init__(self, loader: Any, trainer: pl.Trainer) -> None:
        self._loader = loader
        self._trainer = trainer
        self._fixed: Any = None

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        if self._trainer.current_epoch % 2 == 0:
            for batch in self._loader:
                if self._fixed is None:
                    self._fixed = batch
                yield batch
        else:
            for _ in range(len(self._loader)):
                yield self._fixed


class _Turn(pl.Callback):
    """Puts such a loader in the place of the training's own, and times whole epochs without their validation."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._began = 0.0

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Wrap the hook of the data module."""
        data: Any = trainer.datamodule
        own = data.train_dataloader
        data.train_dataloader = lambda: _Turns(own(), trainer)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin."""
        self._began = time.perf_counter()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Stop the clock after the last batch, before validation."""
        if batch_idx + 1 == trainer.num_training_batches:
            if pl_module.device.type == "cuda":
                torch.cuda.synchronize()
            self.seconds.append(time.perf_counter() - self._began)


def against_fixed_batch(bench: Bench) -> None:
    """Train on CIFAR-10 with the whole recipe, and compare epochs of real batches with epochs of the fixed one."""
    place = unpacked(bench.shared, every=100 if bench.quick else 1)
    if place is None:
        bench.report.figure("left_out", "the archive of CIFAR-10 is not here")
        return
    cases = ((8, 16, 3),) if bench.quick else ((256, 60 * 256, 7),)
    for batch, limit, epochs in cases:
        with bench.report.attempt(f"batch {batch}"):
            turn = _run(bench, place, batch, limit, epochs)
            # The first real epoch starts the workers and tunes the kernels.
            real = [limit / seconds for seconds in turn.seconds[2::2]]
            fixed = [limit / seconds for seconds in turn.seconds[1::2]]
            loaded, at_rest = statistics.median(real), statistics.median(fixed)
            bench.report.figure(f"real loader, images/s at {batch}", round(loaded, 1))
            bench.report.figure(f"fixed batch, images/s at {batch}", round(at_rest, 1))
            bench.report.figure(f"share at {batch}", round(loaded / at_rest, 4))
            bench.report.figure(f"1440 epochs of 50,000 at {batch}, hours", round(1440 * 50_000 / loaded / 3600, 2))
            bench.report.figure(f"epochs at {batch}, images/s", {"real": real, "fixed": fixed})
            if bench.on_gpu:
                met = loaded >= _TARGET * at_rest
                bench.report.check(f"share of at least {_TARGET:.0%} at {batch}", met, f"{loaded / at_rest:.1%}")


def _run(bench: Bench, place: Any, batch: int, limit: int, epochs: int) -> _Turn:
    """Run the product's own command with the callback among those of its trainer."""
    turn = _Turn()
    make = pl.Trainer.__init__

    def with_turn(self: pl.Trainer, *args: Any, callbacks: Any = (), **kwargs: Any) -> None:
        make(self, *args, callbacks=[*callbacks, turn], **kwargs)

    pl.Trainer.__init__ = with_turn  # type: ignore[method-assign]
    try:
        keys = [f"recipe.epochs={epochs}", "recipe.warmup_epochs=0.5", f"recipe.batch_size={batch}", f"limit={limit}"]
        machine = ["trainer=gpu" if bench.on_gpu else "trainer=cpu", f"trainer.validate_every={epochs}", "logger=none"]
        if bench.quick:
            machine.append("trainer.loader_workers=1")
        bench.command(f"batch{batch}", "task=train", f"arch={SMALL}", *dataset(place), *keys, *machine)
    finally:
        pl.Trainer.__init__ = make  # type: ignore[method-assign]
    return turn
