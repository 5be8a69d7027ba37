"""From an image to what a trained network sees, and the names of its classes: kept as text with the weights."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from zen_lightning.data.decode import MAX_PIXELS, Reading, as_rgb, decode_pixels
from zen_lightning.data.geometry import centre_crop
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.pixels import Pixels
from zen_lightning.data.source import DataSource, Statistics
from zen_lightning.data.transforms import EvalTransform


@dataclass(frozen=True)
class Preprocessing:
    """How images are brought to a network, as validation images of its training were.

    The shorter side is scaled to ``resize`` and the centre of ``crop_size`` is taken, in 8 bits; values from 0 to 1 are
    normalised, (x - mean) / std; where the network takes another size than the crop, the result is scaled bilinearly. Pillow
    scales the 8 bits, so that a program without PyTorch gets the same; trainings use torch's kernel, which differs from it by
    the rounding of weights (2 of 255 at most).

    Args:
        resolution: height and width that the network sees.
        mean: of each channel, of values from 0 to 1.
        std: likewise.
        classes: names, in the order of the logits.
        crop_size: height and width of the crop; None: the resolution.
        crop_ratio: the crop's share of the scaled image; None: the shorter side is scaled to the crop itself.
        grey_range: what is black and white in images of more than 8 bits a channel; None: for each image by its own depth.
        max_pixels: pixels above which a file is not read; not kept with the weights.

    Example:
        >>> see = Preprocessing(16, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), ("cat", "dog"), crop_ratio=0.875)
        >>> see.resize, see.interpolation, see(Image.new("RGB", (40, 30), "white")).shape
        (19, 'bicubic', torch.Size([3, 16, 16]))
        >>> Preprocessing.read(see.metadata()) == see
        True
    """

    resolution: int
    mean: Statistics
    std: Statistics
    classes: tuple[str, ...]
    crop_size: int | None = None
    crop_ratio: float | None = None
    grey_range: GreyRange | None = None
    max_pixels: int = MAX_PIXELS

    @classmethod
    def of_source(cls, source: DataSource, resolution: int, crop_size: int | None = None) -> "Preprocessing":
        """Return that of the validation images of a dataset."""
        mean, std, grey = _three(source.mean), _three(source.std), source.grey_range
        return cls(resolution, mean, std, tuple(source.classes), crop_size, source.crop_ratio, grey)

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> "Preprocessing | None":
        """Return what :meth:`metadata` wrote; None where it is not all there, as in files by older versions and by others."""
        try:
            mean, std = (_three(json.loads(metadata[key])) for key in ("mean", "std"))
            classes = tuple(str(name) for name in json.loads(metadata["classes"]))
            resolution, ratio = int(metadata["resolution"]), json.loads(metadata.get("crop_ratio", "null"))
            crop = int(metadata.get("crop_size", resolution))
            grey = GreyRange.read(json.loads(metadata["grey_range"])) if "grey_range" in metadata else None
        except (KeyError, ValueError, TypeError, RecursionError):  # A UserError is a ValueError.
            return None
        if min(std) <= 0 or not classes:
            return None
        return cls(resolution, mean, std, classes, None if crop == resolution else crop, ratio, grey)

    @property
    def size(self) -> int:
        """Height and width of the crop."""
        return self.crop_size or self.resolution

    @property
    def resize(self) -> int:
        """What the shorter side is scaled to before the crop."""
        return EvalTransform(self.size, self.crop_ratio).resized

    @property
    def interpolation(self) -> Literal["bilinear", "bicubic"]:
        """How it is scaled."""
        return "bilinear" if self.crop_ratio is None else "bicubic"

    def at(self, resolution: int) -> "Preprocessing":
        """Return the same for another size of what the network sees; a crop of its own stays."""
        return replace(self, resolution=resolution)

    def metadata(self) -> dict[str, str]:
        """Return texts by name, for the metadata of a file; lists are JSON."""
        return {
            "resolution": str(self.resolution),
            "crop_size": str(self.size),
            "crop_ratio": json.dumps(self.crop_ratio),
            "resize": str(self.resize),
            "interpolation": self.interpolation,
            "mean": json.dumps(list(self.mean)),
            "std": json.dumps(list(self.std)),
            "classes": json.dumps(list(self.classes)),
            **({} if self.grey_range is None else {"grey_range": json.dumps(list(self.grey_range))}),
        }

    def __call__(self, image: str | PathLike[str] | Image.Image | Pixels) -> Tensor:
        """Return what the network sees of an image.

        Args:
            image: a file, an image of Pillow, or 8 bits of shape (height, width, 3).

        Returns:
            float32 (3, resolution, resolution).

        Raises:
            CorruptImageError: the file cannot be read.
        """
        pixels_hwc = np.require(centre_crop(self._scaled(self._image(image)), self.size), requirements=["C", "W"])
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.mean, self.std))
        image_chw = (torch.from_numpy(pixels_hwc).permute(2, 0, 1).float() / 255 - mean) / std
        if self.size == self.resolution:
            return image_chw
        size = (self.resolution, self.resolution)
        return functional.interpolate(image_chw[None], size=size, mode="bilinear", align_corners=False)[0]

    def _image(self, image: Any) -> Image.Image:
        reading = Reading(self.max_pixels, self.grey_range)
        if isinstance(image, Image.Image):
            image = as_rgb(image, reading)
        return Image.fromarray(image if isinstance(image, np.ndarray) else decode_pixels(image, reading))

    def _scaled(self, image: Image.Image) -> Pixels:
        """Return an image whose shorter side is ``resize``; the longer one, in proportion, is rounded down."""
        shorter = min(image.size)
        width, height = (int(self.resize * side / shorter) for side in image.size)
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling[self.interpolation.upper()])
        return np.asarray(image)


def _three(values: Any) -> Statistics:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
