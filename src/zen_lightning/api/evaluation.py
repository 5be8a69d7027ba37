"""The accuracy of a trained network on the validation images of a dataset."""

import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray

from zen_lightning.api.exported import ExportedNetwork
from zen_lightning.api.trained import Trained
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.data.seen_source import SeenSource
from zen_lightning.errors import UserError
from zen_lightning.system.brief import brief
from zen_lightning.system.peak_memory import peak_process_memory, reset_peak
from zen_lightning.training.lightning_internals import first_error
from zen_lightning.training.trainer import Machine, make_trainer
from zen_lightning.training.validating import Evaluator
from zen_lightning.training.validation_details import (
    CalibrationBin,
    ClassAccuracy,
    ConfusedPair,
    ValidationDetails,
    without_images,
    worst_classes,
)

_EXACT = ("auto", "32", "32-true", "32-full")
"""Names of float32, which exported files take."""


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
        seconds: it took, reading of images and start of their processes included.
        precision: number format, as Lightning names it.
        device: the device that it ran on.
        class_names: names of the classes, in the order of the labels.
        details: the counts of which all below is made.
        peak_memory: bytes: the most that PyTorch has held on a GPU, or else that the process has held while it evaluated (its
            loader processes left out); None where nothing says it.
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
    class_names: tuple[str, ...]
    details: ValidationDetails
    peak_memory: int | None = None
    is_main: bool = True

    def __repr__(self) -> str:
        return brief(self, "val_top1", "val_top5", "mean_class_top1", "calibration_error", "val_loss", "images", "resolution")

    @property
    def images_per_second(self) -> float:
        """Images a second, reading included."""
        return self.images / max(self.seconds, 1e-9)

    @property
    def per_class(self) -> list[ClassAccuracy]:
        """What is found of each class, in the order of the labels; ``top1`` is None where it has no images."""
        return self.details.classes(self.class_names)

    @property
    def worst_classes(self) -> list[ClassAccuracy]:
        """The classes that have images, the lowest accuracy first."""
        return worst_classes(self.per_class)

    @property
    def without_images(self) -> list[str]:
        """The names of the classes that have none."""
        return without_images(self.per_class)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Images of the true class (row) that are taken for a class (column), shape (classes, classes)."""
        return self.details.confusion

    @property
    def confused_pairs(self) -> list[ConfusedPair]:
        """Which classes are taken for which, those of the most images first."""
        return self.details.confused(self.class_names)

    @property
    def mean_class_top1(self) -> float | None:
        """The mean accuracy of the classes that have images, in percent: each counts alike, however many images it has."""
        return self.details.mean_class_top1

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, in percent; see :class:`~zen_lightning.training.detail_tallies.Calibration`."""
        return self.details.calibration_error

    @property
    def calibration(self) -> list[CalibrationBin]:
        """The bins of the reliability diagram."""
        return self.details.bins


def evaluate_network(
    trained: Trained | ExportedNetwork,
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
    own: Collection[str] = (),
    on_trainer: Callable[[pl.Trainer], None] = lambda trainer: None,
    guard: "Callable[[pl.Trainer], contextlib.AbstractContextManager[None]]" = lambda trainer: contextlib.nullcontext(),
) -> Evaluated:
    """Return what a network reaches.

    Images are brought to the crop size (ImageNet: resized to ceil(size / 0.875), cropped), then scaled bilinearly to the
    resolution of the network: as the published accuracies were measured. Where it is recorded with the weights how images are
    prepared, they are prepared so, and classes are found by their names; else as the dataset does it.

    Args:
        trained: the network, or an exported file.
        source: the source of the images.
        machine: the machine that it runs on.
        folder: the folder for what Lightning writes.
        batch_size: images a batch.
        crop_size: height and width that images are brought to; None: as published, else the resolution.
        workers: processes that read images; ``auto``: as many as there are cores.
        prefetch: batches that each reads ahead.
        val_batches: batches at most; None: all.
        profiler: the profiler of Lightning.
        own: what of ``mean``, ``std`` and ``crop_ratio`` is the dataset's, whatever is recorded.
        on_trainer: called with the trainer before anything starts; it may refuse it.
        guard: what the evaluation runs in.

    Raises:
        UserError: the classes differ, or a value cannot be used.
    """
    source = as_seen(trained, source, own)
    if isinstance(trained, ExportedNetwork):
        machine = exported_machine(machine)
    resolution = trained.setting.resolution
    size = crop_size or trained.crop_size or resolution
    module = Evaluator(trained.network, trained.setting.num_classes, resolution)
    if machine.channels_last and not isinstance(trained, ExportedNetwork):
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
    device = trainer.strategy.root_device
    began = time.monotonic()
    _begin_memory(device)
    with guard(trainer), first_error():
        metrics = trainer.validate(module, datamodule=data, verbose=False)[0]
    assert module.details is not None
    return Evaluated(
        val_top1=float(metrics["val_top1"]),
        val_top5=float(metrics["val_top5"]),
        val_loss=float(metrics["val_loss"]),
        images=module.details.images,
        crop_size=size,
        resolution=resolution,
        seconds=time.monotonic() - began,
        precision=str(trainer.precision),
        device=str(device),
        class_names=tuple(source.classes),
        details=module.details,
        peak_memory=_memory(device),
        is_main=trainer.is_global_zero,
    )


def as_seen(trained: Trained | ExportedNetwork, source: DataSource, own: Collection[str] = ()) -> DataSource:
    """Return a dataset as a network sees it; see :func:`evaluate_network`.

    Raises:
        UserError: the classes differ.
    """
    seen = trained.preprocessing
    if seen is not None and len(seen.classes) == trained.setting.num_classes:
        return SeenSource(source, seen, own)
    if source.num_classes != trained.setting.num_classes:
        what = f"the network has {trained.setting.num_classes} classes, and the dataset {source.num_classes}"
        raise UserError(what, key="dataset", remedy="choose the dataset that it was trained on")
    return source


def exported_machine(machine: Machine) -> Machine:
    """Return the machine that an exported file runs on: the CPU, in float32.

    Raises:
        UserError: another one is asked for.
    """
    if machine.accelerator not in ("auto", "cpu"):
        raise UserError(
            "an exported file runs on the CPU", key="accelerator", value=machine.accelerator, expected="cpu or auto"
        )
    if str(machine.precision) not in _EXACT:
        raise UserError("an exported file takes float32", key="precision", value=machine.precision, expected="32-true or auto")
    return replace(machine, accelerator="cpu", channels_last=False)


def _begin_memory(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        reset_peak()


def _memory(device: torch.device) -> int | None:
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else peak_process_memory()
