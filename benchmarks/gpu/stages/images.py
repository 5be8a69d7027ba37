"""CIFAR-10 on the device, augmented there: how fast that is, and how long 1440 epochs with it would take."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from bench import Bench
from stepping import SMALL

from zen_lightning import zoo
from zen_lightning.data import ArrayImages, Augmentation, DataSource, ImageData
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.initialise import initialise
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer

_EPOCHS, _IMAGES = 1440, 50_000
_HOURS = 1.0
_CASE = (512, "reduce-overhead")
"""Images a step, and how it is compiled. On an H200 this had 27,539 images/s, 2,048 images 16,347; without CUDA graphs, 512 had
10,188 and 2,048 18,949: a step takes 37 ms to launch."""


class _Noise(DataSource):
    """As many images as CIFAR-10 has, of the same size: what they show costs no time."""

    name, image_size, mean, std = "noise", 32, CIFAR_MEAN, CIFAR_STD
    classes = tuple("0123456789")

    def __init__(self, count: int, placement: str) -> None:
        self.placement = placement
        rng = np.random.default_rng(0)
        self._images = ArrayImages(rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8), rng.integers(0, 10, count))

    def prepare(self) -> None:
        """Do nothing."""

    def train(self) -> ArrayImages:
        """Return all."""
        return self._images

    def val(self) -> ArrayImages:
        """Return all."""
        return self._images


class _Clock(pl.Callback):
    """Times the steps of the last epoch, all work of the device included."""

    def __init__(self, epochs: int) -> None:
        self._epochs, self._began, self.seconds = epochs, 0.0, 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin."""
        self._began = _now()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        """End."""
        if trainer.is_last_batch and trainer.current_epoch == self._epochs - 1:
            self.seconds = _now() - self._began


def on_the_device(bench: Bench) -> None:
    """Time the loader alone, then the product's trainer with it."""
    torch.backends.cudnn.benchmark = True
    count = 256 if bench.quick else _IMAGES
    with bench.report.attempt("loader"):
        rates = {name: _loader(bench, policy, count) for name, policy in (("cifar", "cifar10"), ("modern_cifar", "trivial"))}
        for name, rate in rates.items():
            bench.report.figure(f"loader alone, {name}, images/s", round(rate))
    batch, mode = (32, "off") if bench.quick else _CASE
    with bench.report.attempt("trainer"):
        rate = _trainer(bench, batch, 2 * batch if bench.quick else 40 * batch, mode)
        hours = _EPOCHS * _IMAGES / rate / 3600
        how = f"batch {batch}{f', {mode}' * (mode != 'off')}"
        bench.report.figure(f"trainer, {how}, images/s", round(rate))
        bench.report.figure(f"{_EPOCHS} epochs, {how}, hours", round(hours, 2))
        if bench.on_gpu and not bench.quick:
            bench.report.check(f"{_EPOCHS} epochs of CIFAR-10 in under an hour", hours < _HOURS, f"{hours:.2f} h")


def _loader(bench: Bench, policy: Any, count: int) -> float:
    """Return images a second, up to normalised batches: the median of a few epochs after the first."""
    data = ImageData(_Noise(count, "device"), 64, Augmentation(crop="pad", policy=policy), channels_last=True)
    data.settle(torch.device(bench.device))
    loader, seconds = data.train_dataloader(), []
    for _ in range(2 if bench.quick else 4):
        began = _now()
        for batch in loader:
            data.finish(batch)
        seconds.append(_now() - began)
    return len(loader) * 64 / statistics.median(seconds[1:])


def _trainer(bench: Bench, batch: int, count: int, mode: str) -> float:
    """Return images a second of the last of two epochs, with the whole recipe of CIFAR, compiled in a mode or not (``off``)."""
    recipe = Recipe(epochs=2, warmup_epochs=0, batch_size=batch)
    machine = Machine(accelerator="gpu" if bench.on_gpu else "cpu", compile=mode)
    network = zoo.create(SMALL)
    initialise(network, 0)
    data = ImageData(_Noise(count, "device"), batch, Augmentation(crop="pad", policy="cifar10"), channels_last=True)
    module, clock = ClassifierModule(network, recipe, data.train_size), _Clock(recipe.epochs)
    module.to(memory_format=torch.channels_last)
    module.compile_network(mode)
    with tempfile.TemporaryDirectory() as name:
        make_trainer(machine, recipe, Path(name), callbacks=[clock], val_batches=0).fit(module, datamodule=data)
    return count // batch * batch / clock.seconds


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()
