"""The part of the augmentation that workers do, on 8 bits; :mod:`zen_lightning.data.device_transform` does the rest."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms import v2

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.data.geometry import centre_crop, random_crop, random_resized_crop, resize_shorter
from zen_lightning.data.pixels import Pixels

if TYPE_CHECKING:
    from zen_lightning.data.erasing import Erasing
    from zen_lightning.data.lighting import Lighting

_GREY = 128
"""What AutoAugment fills gaps with: that of the Zen-NAS recipe."""
_NO_COLOUR, _NO_RECTANGLE = torch.zeros(0), torch.zeros(0, dtype=torch.int64)


class Transformed(NamedTuple):
    """An image as a worker delivers it; the fields are those of :class:`~zen_lightning.data.batch.RawBatch`."""

    pixels_hwc: Tensor
    colour: Tensor
    erased: Tensor


Transform = Callable[[Pixels], Transformed]


class TrainTransform:
    """Crop, flip and AutoAugment a training image; draw what lighting and erasing need.

    All that is random in it is drawn from torch's default generator for the CPU.

    Args:
        augmentation: what to do.
        image_size: height and width of the result.

    Example:
        >>> transform = TrainTransform(Augmentation(), 32)
        >>> transform(np.zeros((48, 32, 3), dtype=np.uint8)).pixels_hwc.shape
        torch.Size([32, 32, 3])
    """

    def __init__(self, augmentation: Augmentation, image_size: int) -> None:
        self._augmentation = augmentation
        self._size = image_size
        self._policy = _policy(augmentation.policy)
        self._lighting = _lighting(augmentation.lighting) if augmentation.lighting else None
        self._erasing = _erasing(augmentation.erasing, image_size) if augmentation.erasing else None

    def __call__(self, pixels: Pixels) -> Transformed:
        """Return the transformed image.

        Args:
            pixels: uint8 (height, width, 3), any size.
        """
        pixels = self._cropped(pixels)
        flip = self._augmentation.flip
        flipped = bool(flip) and torch.rand(1).item() < flip
        if flipped or self._policy is not None:
            image = Image.fromarray(np.ascontiguousarray(pixels))
            if flipped:
                image = ImageOps.mirror(image)  # Numpy takes ten times as long over rows of three bytes.
            pixels = np.asarray(image if self._policy is None else self._policy(image))
        colour = _NO_COLOUR if self._lighting is None else self._lighting.draw()
        erased = _NO_RECTANGLE if self._erasing is None else self._erasing.draw()
        return Transformed(_tensor(pixels), colour, erased)

    def _cropped(self, pixels: Pixels) -> Pixels:
        kind, interpolation = self._augmentation.crop, self._augmentation.interpolation
        if kind == "resized":
            return random_resized_crop(pixels, self._size, interpolation)
        scaled = resize_shorter(pixels, self._size, interpolation)
        return (
            centre_crop(scaled, self._size) if kind == "none" else random_crop(scaled, self._size, self._augmentation.padding)
        )


class EvalTransform:
    """Scale a validation image and crop it to its centre. Nothing is random.

    Args:
        image_size: height and width of the result.
        crop_ratio: the shorter side is scaled to ceil(image_size / crop_ratio), bicubic; None: to image_size, bilinear, which
            leaves an image of that size as it is.
    """

    def __init__(self, image_size: int, crop_ratio: float | None) -> None:
        self._size = image_size
        # 1e-9 against 224 / 0.7 = 320.00000000000006, which is 320.
        self.resized = image_size if crop_ratio is None else math.ceil(image_size / crop_ratio - 1e-9)
        self._crop_ratio = crop_ratio

    def __call__(self, pixels: Pixels) -> Transformed:
        """Return the transformed image; see :class:`TrainTransform`."""
        scaled = resize_shorter(pixels, self.resized, "bilinear" if self._crop_ratio is None else "bicubic")
        return Transformed(_tensor(centre_crop(scaled, self._size)), _NO_COLOUR, _NO_RECTANGLE)


def _policy(name: str | None) -> Callable[[Image.Image], Image.Image] | None:
    if name is None:
        return None
    made: Callable[[Image.Image], Image.Image]
    if name == "trivial":
        made = v2.TrivialAugmentWide(fill=_GREY)
    elif name == "rand":
        made = v2.RandAugment(fill=_GREY)
    else:
        made = v2.AutoAugment(v2.AutoAugmentPolicy(name), fill=_GREY)
    return made


def _tensor(pixels: Pixels) -> Tensor:
    return torch.from_numpy(np.require(pixels, requirements=["C", "W"]))


def _lighting(deviation: float) -> "Lighting":
    from zen_lightning.data.lighting import Lighting  # Of few recipes.

    return Lighting(deviation)


def _erasing(probability: float, image_size: int) -> "Erasing":
    from zen_lightning.data.erasing import Erasing

    return Erasing(probability, image_size)
