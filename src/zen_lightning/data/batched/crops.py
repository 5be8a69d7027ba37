"""Crop and flip, for many images at once: from images as they are kept to images as the policy gets them."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zen_lightning.data.batched.draws import Column, Draws
from zen_lightning.data.batched.rectangles import draw_sides
from zen_lightning.data.geometry import AREA, RATIO, Interpolation

_SUPPORT = {"bilinear": 1.0, "bicubic": 2.0}
"""Half the width of the filters, in pixels."""

_SHARPNESS = -0.5
"""The parameter of bicubic interpolation with antialiasing, as Pillow and PyTorch have it (R. Keys, 1981)."""


class Boxes(NamedTuple):
    """The parts that are cropped: int64 (images,) each; ``flipped`` is bool."""

    top: NDArray[np.int64]
    left: NDArray[np.int64]
    height: NDArray[np.int64]
    width: NDArray[np.int64]
    flipped: NDArray[np.bool_]

    def on(self, device: torch.device) -> list[Tensor]:
        """Return the fields as int64 tensors on a device, copied at once and without a wait."""
        content = torch.from_numpy(np.stack([field.astype(np.int64) for field in self]))
        if device.type == "cuda":
            content = content.pin_memory()
        return list(content.to(device, non_blocking=True))


def padded_boxes(draws: Draws, size: tuple[int, int], out: int, padding: int, flip: float) -> Boxes:
    """Return squares at random places of images with a border of ``padding`` pixels, which lies outside of them."""
    tops, lefts = (side + 2 * padding - out + 1 for side in size)
    square = np.full(len(draws), out, dtype=np.int64)
    top, left = draws.whole(Column.TOP, tops) - padding, draws.whole(Column.LEFT, lefts) - padding
    return Boxes(top, left, square, square, draws.uniform(Column.FLIP) < flip)


def middle_boxes(draws: Draws, size: tuple[int, int], out: int, flip: float) -> Boxes:
    """Return the squares in the middle of images."""
    square = np.full(len(draws), out, dtype=np.int64)
    top, left = (np.full(len(draws), round((side - out) / 2), dtype=np.int64) for side in size)
    return Boxes(top, left, square, square, draws.uniform(Column.FLIP) < flip)


def resized_boxes(draws: Draws, size: tuple[int, int], flip: float) -> Boxes:
    """Return random parts of images, as :func:`~zen_lightning.data.geometry.random_resized_crop` draws them."""
    sides = draw_sides(draws, Column.CROPPED_SHAPE, size, AREA, RATIO, least=1, largest=size, tall=False)
    height, width = (np.where(sides.fits, *both) for both in zip((sides.height, sides.width), _fallback(size), strict=True))
    top = np.where(sides.fits, draws.whole(Column.TOP, size[0] - height + 1), (size[0] - height) // 2)
    left = np.where(sides.fits, draws.whole(Column.LEFT, size[1] - width + 1), (size[1] - width) // 2)
    return Boxes(top, left, height, width, draws.uniform(Column.FLIP) < flip)


def cut(pixels: Tensor, images: Tensor, boxes: Boxes, out: int) -> Tensor:
    """Return squares of images; what lies outside of an image is black.

    Args:
        pixels: all images, int32 (all, height, width), a pixel as one number.
        images: which of them, int64 (images,), on the device.
        boxes: of side ``out``.
        out: height and width.

    Returns:
        uint8 (images, out, out, 4).
    """
    height, width = pixels.shape[1:]
    top, left, _, _, flipped = (field[:, None] for field in boxes.on(pixels.device))
    steps = torch.arange(out, device=pixels.device)
    rows = top + steps
    columns = left + torch.where(flipped > 0, out - 1 - steps, steps)
    outside = ((rows < 0) | (rows >= height))[:, :, None] | ((columns < 0) | (columns >= width))[:, None]
    places = (images[:, None] * height + rows.clamp(0, height - 1)) * width
    found = torch.take(pixels, places[:, :, None] + columns.clamp(0, width - 1)[:, None])
    return found.masked_fill_(outside, 0)[..., None].view(torch.uint8)


def cut_and_scale(pixels: Tensor, images: Tensor, boxes: Boxes, out: int, interpolation: Interpolation) -> Tensor:
    """Return parts of images scaled to squares with antialiasing; arguments and result as for :func:`cut`.

    Both directions are products with matrices of weights, which are those of Pillow; results differ from its by the rounding of
    weights (2 of 255 at most).
    """
    height, width = pixels.shape[1:]
    top, left, rows, columns, flipped = boxes.on(pixels.device)
    whole = pixels.index_select(0, images)[..., None].view(torch.uint8)
    values = whole.permute(0, 3, 1, 2).float()
    across = _weights(left, columns, width, out, interpolation)
    across = torch.where(flipped[:, None, None] > 0, across.flip(1), across)
    down = _weights(top, rows, height, out, interpolation)
    scaled = _rounded(values @ across.transpose(1, 2)[:, None])
    return _rounded(down[:, None] @ scaled).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _rounded(values: Tensor) -> Tensor:
    return values.add_(0.5).floor_().clamp_(0, 255)


def _weights(begin: Tensor, length: Tensor, size: int, out: int, interpolation: Interpolation) -> Tensor:
    """Return the weight of each pixel of a side in each of the result: float32 (images, out, size)."""
    scale = (length / out)[:, None, None]
    wide = scale.clamp(min=1)
    places = torch.arange(size, device=begin.device) - begin[:, None]
    inside = (places >= 0) & (places < length[:, None])
    centres = (torch.arange(out, device=begin.device) + 0.5)[:, None] * scale
    distance = ((places[:, None] + 0.5 - centres) / wide).abs_()
    if interpolation == "bilinear":
        weights = (1 - distance).clamp_(min=0)
    else:
        near = ((_SHARPNESS + 2) * distance - (_SHARPNESS + 3)) * distance.square() + 1
        far = (((distance - 5) * distance + 8) * distance - 4) * _SHARPNESS
        weights = torch.where(distance < 1, near, torch.where(distance < _SUPPORT[interpolation], far, 0.0))
    weights = weights * inside[:, None]
    return weights / weights.sum(2, keepdim=True)


def _fallback(size: tuple[int, int]) -> tuple[int, int]:
    """Return height and width of the part in the middle that is taken where ten did not fit."""
    height, width = size
    if width / height < RATIO[0]:
        return round(width / RATIO[0]), width
    if width / height > RATIO[1]:
        return height, round(height * RATIO[1])
    return height, width
