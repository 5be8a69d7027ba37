"""The accuracy of a trained network on the validation images of a dataset."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from zen_lightning.api.trained import Trained
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.errors import UserError
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer


@dataclass(frozen=True)
class Evaluated:
    """What a trained network reaches on the validation images of a dataset.

    Attributes:
        val_top1: share of the images whose class it names, in percent.
        val_top5: share of the images whose class is among its five first, in percent.
        val_loss: cross entropy, the mean.
        images: how many there were.
        crop_size: height and width that they were brought to first.
        resolution: height and width that they were scaled to then, for the network.
        seconds: it took.
        precision: number format, as Lightning names it.
        device: the device that it ran on.
        is_main: False in the processes beside the main one.
    """

    val_top1: float
    val_top5: float
    val_loss: float
    images: int
    crop_size: int
    resolution: int
    seconds: float
    precision: str
    device: str
    is_main: bool = True


def evaluate_network(
    trained: Trained,
    source: DataSource,
    machine: Machine,
    folder: Path,
    *,
    batch_size: int = 128,
    crop_size: int | None = None,
    workers: int | str = "auto",
    prefetch: int = 2,
    val_batches: int | None = None,
    profiler: Any = None,
    on_trainer: Callable[[pl.Trainer], None] = lambda trainer: None,
    guard: "Callable[[pl.Trainer], contextlib.AbstractContextManager[None]]" = lambda trainer: contextlib.nullcontext(),
) -> Evaluated:
    """Return what a network reaches.

    Images are brought to the crop size as the dataset does (ImageNet: resized to ceil(size / 0.875), cropped), then scaled
    bilinearly to the resolution of the network: as the published accuracies were measured.

    Args:
        trained: the network.
        source: the source of the images.
        machine: the machine that it runs on.
        folder: the folder for what Lightning writes.
        batch_size: images a batch.
        crop_size: height and width that images are brought to; None: as published, else the resolution.
        workers: processes that read images; ``auto``: as many as there are cores.
        prefetch: batches that each reads ahead.
        val_batches: batches at most; None: all.
        profiler: the profiler of Lightning.
        on_trainer: called with the trainer before anything starts; it may refuse it.
        guard: what the evaluation runs in.

    Raises:
        UserError: the classes differ, or a value cannot be used.
    """
    if source.num_classes != trained.setting.num_classes:
        what = f"the network has {trained.setting.num_classes} classes, and the dataset {source.num_classes}"
        raise UserError(what, key="dataset", remedy="choose the dataset that it was trained on")
    resolution = trained.setting.resolution
    size = crop_size or trained.crop_size or resolution
    module = ClassifierModule(trained.network, Recipe(bn_momentum=None), train_images=1, input_size=resolution)
    if machine.channels_last:
        module.to(memory_format=torch.channels_last)
    data = ImageData(
        source,
        batch_size=batch_size,
        augmentation=Augmentation(),
        image_size=size,
        workers=workers,
        prefetch=prefetch,
        channels_last=machine.channels_last,
    )
    trainer = make_trainer(machine, None, folder, val_batches=val_batches, profiler=profiler)
    on_trainer(trainer)
    began = time.monotonic()
    with guard(trainer):
        metrics = trainer.validate(module, datamodule=data, verbose=False)[0]
    images = len(source.val())
    if val_batches is not None:
        images = min(images, val_batches * batch_size * trainer.world_size)
    return Evaluated(
        val_top1=float(metrics["val_top1"]),
        val_top5=float(metrics["val_top5"]),
        val_loss=float(metrics["val_loss"]),
        images=images,
        crop_size=size,
        resolution=resolution,
        seconds=time.monotonic() - began,
        precision=str(trainer.precision),
        device=str(trainer.strategy.root_device),
        is_main=trainer.is_global_zero,
    )
