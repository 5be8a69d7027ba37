"""Cropping many images at once gives what cropping each gives."""

from typing import Any

import numpy as np
import pytest
import torch

from zen_lightning.data import ArrayImages
from zen_lightning.data.batched.crops import Boxes, cut, cut_and_scale, resized_boxes
from zen_lightning.data.batched.draws import Draws
from zen_lightning.data.batched.images import DeviceImages
from zen_lightning.data.geometry import crop, resize

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 20, 16, 3), dtype=np.uint8)
HERE = DeviceImages(ArrayImages(PIXELS, [0] * 5), lambda pixels: pixels, torch.device("cpu"))
CHOSEN = np.array([3, 0, 3, 4])


def boxes(*rows: tuple[int, int, int, int, bool]) -> Boxes:
    return Boxes(*(np.array(column) for column in zip(*rows, strict=True)))


def test_black_lies_around_an_image() -> None:
    where = boxes((-3, -2, 12, 12, False), (12, 9, 12, 12, False), (0, 4, 12, 12, True), (-20, 0, 12, 12, False))
    found = cut(HERE.pixels, torch.from_numpy(CHOSEN), where, 12)[..., :3].numpy()
    for image, index, (top, left, height, width, flipped) in zip(found, CHOSEN, zip(*where, strict=True), strict=True):
        expected = crop(PIXELS[index], top, left, height, width)
        assert np.array_equal(image, expected[:, ::-1] if flipped else expected)
    assert not found[3].any()


@pytest.mark.parametrize("out", [8, 16, 24])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_scaling_is_that_of_a_single_image(interpolation: Any, out: int) -> None:
    where = boxes((0, 0, 20, 16, False), (3, 2, 9, 11, False), (5, 4, 15, 12, True), (10, 15, 1, 1, False))
    found = cut_and_scale(HERE.pixels, torch.from_numpy(CHOSEN), where, out, interpolation)[..., :3].numpy().astype(int)
    for image, index, (top, left, height, width, flipped) in zip(found, CHOSEN, zip(*where, strict=True), strict=True):
        expected = resize(crop(PIXELS[index], top, left, height, width), out, out, interpolation).astype(int)
        assert np.abs(image - (expected[:, ::-1] if flipped else expected)).max() <= 2


@pytest.mark.parametrize("size", [(30, 20), (10, 60), (60, 10)])
def test_boxes_lie_inside(size: tuple[int, int]) -> None:
    found = resized_boxes(Draws(0, 0, np.arange(500)), size, 0.5)
    assert (found.top >= 0).all()
    assert (found.left >= 0).all()
    assert (found.top + found.height <= size[0]).all()
    assert (found.left + found.width <= size[1]).all()
    assert (found.height * found.width).min() >= 0.05 * size[0] * size[1]
