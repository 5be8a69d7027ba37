"""Images for int8: some to take ranges of activations from, others to measure what is lost."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zen_lightning.api.evaluation import as_seen
from zen_lightning.api.presets import preset_names
from zen_lightning.api.trained import Trained
from zen_lightning.data import DataSource
from zen_lightning.data.decode import CorruptImageError
from zen_lightning.data.found_images import find_images
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.data.source import Images
from zen_lightning.errors import UserError
from zen_lightning.nets.export import Calibration
from zen_lightning.nets.export.calibration import LARGEST_CHANGE, LARGEST_LOSS
from zen_lightning.nets.image_channels import as_taken, image_channels
from zen_lightning.system.named_path import existing_path

CalibrationImages = str | Path | Sequence[str | Path] | DataSource
"""A dataset, the name of one, or images as ``zl.predict`` takes them."""

IMAGES = 256
"""Images that ranges are taken from. A choice: on digits, 64 to 1,024 images agree but for one of 359 (docs/benchmarks.md)."""

HELD_OUT = 2_000
"""Images that the accuracy is measured on, at most. A choice: of these, half a point is ten images."""

_BATCH = 32
"""Images at a time. A choice: activations of all layers of a batch lie in memory at once."""

_RANGE_SHARE = 0.75
"""Of images that are few and have no labels, the share that ranges are taken from; the rest is held out."""


@dataclass(frozen=True)
class CalibrationPlan:
    """What int8 is calibrated with.

    Attributes:
        images: where ranges are taken from; None: from the training images of ``dataset``.
        dataset: its validation images measure the accuracy; None: there are no labels.
        count: images that ranges are taken from, drawn by the seed; fewer where there are fewer.
        held_out: images that the accuracy is measured on, at most.
        allowed_loss: percentage points of accuracy that may be lost.
        seed: seed of what is drawn.

    Raises:
        UserError: a number out of range, or no images at all.
    """

    images: CalibrationImages | None = None
    dataset: DataSource | None = None
    count: int = IMAGES
    held_out: int = HELD_OUT
    allowed_loss: float = LARGEST_LOSS
    seed: int = 0

    def __post_init__(self) -> None:
        for key, value in (("calibration_images", self.count), ("accuracy_images", self.held_out)):
            if value < 1:
                raise UserError(key=key, value=value, expected="1 or more")
        if not 0 <= self.allowed_loss <= 100:
            raise UserError(key="accuracy_loss", value=self.allowed_loss, expected="percentage points, from 0 to 100")

    def check(self) -> None:
        """Raise a UserError unless there are images, as far as that can be found out without reading one."""
        if self.images is None and self.dataset is None:
            what = "int8 needs calibration images"
            remedy = "name a folder of images by {calibration}, or the dataset that it was trained on by {dataset}"
            raise UserError(what, key="calibration", remedy=remedy, involves=["dataset"])
        if isinstance(self.images, str | Path) and names_dataset(self.images):
            return
        if self.images is not None and not isinstance(self.images, DataSource):
            find_images(self.images, "calibration")

    def read(self, trained: Trained) -> Calibration:
        """Return the images as a network sees them.

        Raises:
            UserError: there are none, or nothing says how they are prepared, or the dataset has other classes.
        """
        self.check()
        images, source = self.images, self.dataset
        if isinstance(images, str | Path) and names_dataset(images):
            images = _named_dataset(str(images))
        if isinstance(images, DataSource) and source is None:
            images, source = None, images
        if source is not None:
            source = as_seen(trained, source)  # Labels follow the network's classes.
        seen = _preparation(trained, source)
        channels = image_channels(trained.network)
        if isinstance(images, DataSource) or images is None:
            assert source is not None
            if images is not None and seen.grey_range is not None:
                images = images.with_grey_range(seen.grey_range)
            ranges = self._of_dataset(images or source, seen)
            origin = f"{len(ranges):,} training images of {(images or source).name}"
            return self._labelled(_batches(ranges, channels), origin, source, seen, channels)
        ranges, rest = self._of_files(images, seen)
        batches, origin = _batches(ranges, channels), f"{len(ranges):,} images of {_written(images)}"
        if source is not None:
            return self._labelled(batches, origin, source, seen, channels)
        told = f"{len(rest):,} other images of {_written(images)}"
        return Calibration(batches, [(batch, None) for batch in _batches(rest, channels)], origin, told, LARGEST_CHANGE)

    def _labelled(
        self, batches: list[Tensor], origin: str, source: DataSource, seen: Preprocessing, channels: int
    ) -> Calibration:
        """Return the images of ranges beside validation images of a dataset."""
        held = self._validation(source, seen, channels)
        told = f"{sum(len(batch) for batch, _ in held):,} validation images of {source.name}"
        return Calibration(batches, held, origin, told, self.allowed_loss)

    def _of_dataset(self, source: DataSource, seen: Preprocessing) -> list[Tensor]:
        images = source.train()
        return [seen(images.image(at)) for at in self._drawn(len(images), self.count)]

    def _of_files(self, images: str | Path | Sequence[str | Path], seen: Preprocessing) -> tuple[list[Tensor], list[Tensor]]:
        """Return images for the ranges, and those held out: none where a dataset has labelled ones."""
        paths = find_images(images, "calibration").paths
        most = self.count + (self.held_out if self.dataset is None else 0)
        found = list(islice(_readable(paths, seen, self.seed), most))
        if self.dataset is not None and found:
            return found, []
        if len(found) < 2:
            what = f"{len(found)} of {len(paths)} images can be read, and two are the least: one for ranges, one to compare on"
            raise UserError(what, key="calibration", value=_written(images), remedy="name more images")
        first = max(1, min(self.count, int(len(found) * _RANGE_SHARE)))
        return found[:first], found[first : first + self.held_out]

    def _drawn(self, among: int, count: int) -> list[int]:
        return [int(at) for at in _permutation(among, self.seed)[:count]]

    def _validation(self, source: DataSource, seen: Preprocessing, channels: int) -> list[tuple[Tensor, Tensor | None]]:
        images = source.val()
        chosen = sorted(self._drawn(len(images), self.held_out))
        return [_labelled(images, chosen[at : at + _BATCH], seen, channels) for at in range(0, len(chosen), _BATCH)]


def noise(trained: Trained, seed: int) -> Calibration:
    """Return images of noise for fresh weights, whose speed alone is asked for: nothing that int8 loses matters."""
    size = trained.setting.resolution
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(2 * _BATCH, image_channels(trained.network), size, size, generator=generator)
    ranges, rest = torch.split(images, _BATCH)
    return Calibration([ranges], [(rest, None)], f"{_BATCH} images of noise", f"{_BATCH} images of noise", 100.0)


def names_dataset(name: str | Path) -> bool:
    """Whether a name is that of a dataset; a file or folder of the same name is meant by it."""
    return existing_path(str(name)) is None and str(name) in preset_names("dataset")


def _named_dataset(name: str) -> DataSource:
    from zen_lightning.api.training_plan import read_dataset

    return read_dataset(name, {})[0]


def _preparation(trained: Trained, source: DataSource | None) -> Preprocessing:
    if trained.preprocessing is not None:
        return trained.preprocessing
    if source is None:
        what = f"{trained.origin}: nothing says how calibration images are normalised"
        raise UserError(what, key="calibration", remedy="name the dataset by {dataset}=", involves=["dataset"])
    return Preprocessing.of_source(source, trained.setting.resolution, trained.crop_size)


def _readable(paths: Sequence[Path], seen: Preprocessing, seed: int) -> Iterator[Tensor]:
    """Yield what the network sees of images, in a drawn order; those that cannot be read are left out."""
    for at in _permutation(len(paths), seed).tolist():
        with suppress(CorruptImageError):
            yield seen(paths[at])


def _labelled(images: Images, chosen: list[int], seen: Preprocessing, channels: int) -> tuple[Tensor, Tensor]:
    batch = torch.stack([seen(images.image(at)) for at in chosen])
    return as_taken(batch, channels), torch.tensor([images.label(at) for at in chosen])


def _batches(images: list[Tensor], channels: int) -> list[Tensor]:
    return [as_taken(torch.stack(images[at : at + _BATCH]), channels) for at in range(0, len(images), _BATCH)]


def _permutation(count: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(count)


def _written(images: str | Path | Sequence[str | Path]) -> str:
    return ", ".join(map(str, [images] if isinstance(images, str | Path) else images))
