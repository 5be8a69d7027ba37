"""The operations of AutoAugment, TrivialAugment and RandAugment, on many images at once, with the results that Pillow has.

Images are uint8 (images, height, width, 4): red, green, blue, and a byte that nobody reads, so that a pixel is one number of 32
bits where it is moved as a whole. Every function returns images of the same shape and leaves its argument as it was. What an
operation needs to know of an image is a row of a table that was copied to the device once: nothing waits for a GPU.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

GREY = 128
"""What geometric operations fill gaps with: that of the Zen-NAS recipe."""

_GREY_PIXEL = int(np.full(4, GREY, dtype=np.uint8).view(np.int32)[0])
_FIXED = 16
"""Bits after the point of Pillow's coordinates."""

_LUMA = (19595, 38470, 7471)
"""ITU-R 601-2 luma in 65,536ths, as Pillow rounds it."""

_LEVELS = 256


class Kind(NamedTuple):
    """One way to work on images.

    Attributes:
        table: returns what an operation needs to know, from its name, its magnitude and the height and width of the images.
        apply: of images and a row of the table for each.
    """

    table: Callable[[str, float, int, int], NDArray[np.generic]]
    apply: Callable[[Tensor, Tensor], Tensor]


def packed(images: Tensor) -> Tensor:
    """Return a view of images as whole pixels: int32 (images, height * width)."""
    return images.view(len(images), -1).view(torch.int32)


def move(images: Tensor, sources: Tensor) -> Tensor:
    """Return images whose pixels come from elsewhere in the same image.

    Args:
        images: see the module.
        sources: int32 (images, height * width): where each pixel comes from; -1: it is grey.
    """
    found = packed(images).gather(1, sources.clamp(min=0).long())
    return found.masked_fill_(sources < 0, _GREY_PIXEL).view(torch.uint8).view(images.shape)


def look_up(images: Tensor, values: Tensor) -> Tensor:
    """Return images with each value replaced.

    Args:
        images: see the module.
        values: uint8 (images, 256).
    """
    return values.gather(1, images.view(len(images), -1).long()).view(images.shape)


def blend_mean(images: Tensor, factors: Tensor) -> Tensor:
    """Return images blended with the mean of their luma: ``Contrast``.

    Args:
        images: see the module.
        factors: float32 (images, 1).
    """
    count = images.shape[1] * images.shape[2]
    total = _luma(images).view(len(images), -1).sum(1, dtype=torch.int64)
    mean = torch.div(2 * total + count, 2 * count, rounding_mode="floor")
    return _blended(mean[:, None, None, None].float(), images, factors)


def blend_luma(images: Tensor, factors: Tensor) -> Tensor:
    """Return images blended with their luma: ``Color``; arguments as for :func:`blend_mean`."""
    return _blended(_luma(images)[..., None].float(), images, factors)


def blend_smooth(images: Tensor, factors: Tensor) -> Tensor:
    """Return images blended with a blur of 3 by 3 pixels, borders kept: ``Sharpness``; arguments as for :func:`blend_mean`."""
    if min(images.shape[1:3]) < 3:
        return images
    values = images.float()
    rows = values[:, :-2] + values[:, 1:-1] + values[:, 2:]
    around = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    smooth = values.clone()
    # The weights are 1 but 5 in the middle, of 13 together. Half a step more is never on an edge: the sum is whole, 6.5 is not.
    smooth[:, 1:-1, 1:-1] = around.add_(values[:, 1:-1, 1:-1], alpha=4).add_(6.5).div_(13).floor_()
    return _blended(smooth, images, factors)


def stretch(images: Tensor, _: Tensor) -> Tensor:
    """Return images whose channels reach from 0 to 255: ``AutoContrast``."""
    exact = torch.float32 if images.device.type == "mps" else torch.float64
    low, high = (edge.to(exact) for edge in torch.aminmax(images.view(len(images), -1, 4), dim=1))
    flat = high <= low
    # A number divided by a tensor would be its reciprocal times the number: rounded twice.
    scale = torch.div(torch.full_like(high, 255.0), (high - low).masked_fill_(flat, 255.0))
    offset = (-low * scale).masked_fill_(flat, 0.0)
    values = images.to(exact).mul_(scale[:, None, None]).add_(offset[:, None, None])
    return values.clamp_(0, 255).to(torch.uint8)


def equalize(images: Tensor, _: Tensor) -> Tensor:
    """Return images whose channels have even histograms: ``Equalize``."""
    count = images.shape[1] * images.shape[2]
    channels = torch.arange(4, device=images.device) * _LEVELS
    places = (images.view(len(images), count, 4).long() + channels).view(len(images), -1)
    histogram = torch.zeros(len(images), 4 * _LEVELS, dtype=torch.int32, device=images.device)
    histogram.scatter_add_(1, places, torch.ones(1, dtype=torch.int32, device=images.device).expand(places.shape))
    histogram = histogram.view(-1, 4, _LEVELS)
    highest = images.view(len(images), -1, 4).amax(1).long()
    step = torch.div(count - histogram.gather(2, highest[..., None]), 255, rounding_mode="floor")
    below = histogram.cumsum(2, dtype=torch.int32) - histogram
    values = torch.div(below + torch.div(step, 2, rounding_mode="floor"), step.clamp(min=1), rounding_mode="floor")
    unchanged = torch.arange(_LEVELS, dtype=torch.int32, device=images.device)
    values = torch.where(step > 0, values.clamp_(max=255), unchanged).to(torch.uint8)
    return values.view(len(images), -1).gather(1, places).view(images.shape)


def _luma(images: Tensor) -> Tensor:
    red, green, blue = (images[..., channel].to(torch.int32) * weight for channel, weight in enumerate(_LUMA))
    return (red + green + blue + (1 << 15)) >> 16


def _blended(base: Tensor, images: Tensor, factors: Tensor) -> Tensor:
    """Return ``base + factor * (image - base)``, cut off to 8 bits as Pillow does it."""
    values = images.float()
    return values.sub_(base).mul_(factors[:, :, None, None]).add_(base).clamp_(0, 255).to(torch.uint8)


def _sources(name: str, magnitude: float, height: int, width: int) -> NDArray[np.generic]:
    """Return where each pixel comes from, as Pillow's nearest neighbour does it, in fixed-point numbers."""
    a, b, c, d, e, f = 1.0, 0.0, 0.0, 0.0, 1.0, 0.0
    if name == "ShearX":
        b = magnitude
    elif name == "ShearY":
        d = magnitude
    elif name == "TranslateX":
        c = -float(int(magnitude))
    elif name == "TranslateY":
        f = -float(int(magnitude))
    else:
        angle = -math.radians(magnitude)
        cos, sin = math.cos(angle), math.sin(angle)
        a, b, d, e = cos, sin, -sin, cos
        c = width / 2 - cos * width / 2 - sin * height / 2
        f = height / 2 + sin * width / 2 - cos * height / 2
    fixed = [math.floor(value * (1 << _FIXED) + 0.5) for value in (a, b, c + (a + b) / 2, d, e, f + (d + e) / 2)]
    y, x = np.mgrid[:height, :width]
    column = (fixed[2] + x * fixed[0] + y * fixed[1]) >> _FIXED
    row = (fixed[5] + x * fixed[3] + y * fixed[4]) >> _FIXED
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    return np.where(inside, row * width + column, -1).astype(np.int32).ravel()


def _values(name: str, magnitude: float, height: int, width: int) -> NDArray[np.generic]:
    levels = np.arange(_LEVELS)
    if name == "Brightness":
        return (levels.astype(np.float32) * np.float32(1 + magnitude)).clip(0, 255).astype(np.uint8)
    if name == "Posterize":
        dropped = 8 - int(magnitude)
        return (levels >> dropped << dropped).astype(np.uint8)
    threshold = 255 * magnitude if name == "Solarize" else 0
    return np.where(levels < threshold, levels, 255 - levels).astype(np.uint8)


def _factor(name: str, magnitude: float, height: int, width: int) -> NDArray[np.generic]:
    return np.array([1 + magnitude], dtype=np.float32)


def _nothing(name: str, magnitude: float, height: int, width: int) -> NDArray[np.generic]:
    return np.zeros(1, dtype=np.uint8)


_MOVE, _LOOK_UP = Kind(_sources, move), Kind(_values, look_up)
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"), _MOVE),
    **dict.fromkeys(("Brightness", "Posterize", "Solarize", "Invert"), _LOOK_UP),
    "Contrast": Kind(_factor, blend_mean),
    "Color": Kind(_factor, blend_luma),
    "Sharpness": Kind(_factor, blend_smooth),
    "AutoContrast": Kind(_nothing, stretch),
    "Equalize": Kind(_nothing, equalize),
}
"""How each operation is done, by the names of torchvision; ``Identity`` is none."""
