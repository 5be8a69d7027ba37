"""Augmented many at once, images have the distribution that they have one by one: 2,000 draws of each operation."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from zen_lightning.data import ArrayImages, Augmentation
from zen_lightning.data.batch import RawBatch
from zen_lightning.data.batched.augment import BatchedAugmentation
from zen_lightning.data.batched.images import DeviceImages
from zen_lightning.data.placement import kept_for
from zen_lightning.data.samples import SampleKey, SeededSamples
from zen_lightning.data.transforms import TrainTransform

DRAWS = 2000
SIZE = 12
NOTHING: dict[str, Any] = {"crop": "none", "flip": 0.0, "erasing": 0.0}
_MOST_Z = 4.5
"""Standard errors between two means at most. A choice: hardly one of some thousand true ones is beyond; seeds are fixed."""


def picture(height: int = SIZE, width: int = SIZE) -> NDArray[np.uint8]:
    """Return an image whose every change shows: noise on a ramp, of low contrast."""
    noise = np.random.default_rng(3).integers(0, 60, (height, width, 3))
    return (noise + 40 + 8 * np.arange(height)[:, None, None] + np.array([0, 25, 50])).clip(0, 255).astype(np.uint8)


def both(augmentation: Augmentation, pixels: NDArray[np.uint8], size: int = SIZE) -> tuple[RawBatch, RawBatch]:
    """Return draws for one image, one by one and many at once: one image in as many epochs, and copies of it in one epoch."""
    images = ArrayImages(np.repeat(pixels[None], DRAWS, axis=0), np.zeros(DRAWS, dtype=np.int64))
    samples = SeededSamples(images, TrainTransform(augmentation, size), seed=1)
    single = [samples[SampleKey(0, index)] for index in range(DRAWS)]
    here = DeviceImages(images, kept_for(augmentation, size), torch.device("cpu"))
    batched = BatchedAugmentation(here, augmentation, size, seed=1)
    return RawBatch(*map(torch.stack, zip(*single, strict=True))), batched(0, np.arange(DRAWS))


def same_shares(left: RawBatch, right: RawBatch) -> int:
    """Check that both draw the same images equally often (chi-square of two samples); return how many there are."""
    counts = [Counter(image.numpy().tobytes() for image in batch.pixels_bhwc) for batch in (left, right)]
    keys = sorted(counts[0].keys() | counts[1].keys())
    seen = np.array([[count[key] for key in keys] for count in counts], dtype=float)
    often = seen.sum(0) >= 10
    table = np.column_stack([seen[:, often], seen[:, ~often].sum(1)])[:, : often.sum() + bool((~often).any())]
    square = float(((table[0] - table[1]) ** 2 / table.sum(0)).sum())
    free = table.shape[1] - 1
    assert abs(square - free) < 4 * np.sqrt(2 * free) + 4, (square, free)
    return len(keys)


def same_means(left: NDArray[Any], right: NDArray[Any]) -> None:
    """Check means and spreads of each column of two samples."""
    for one, other in ((left, right), ((left - left.mean(0)) ** 2, (right - right.mean(0)) ** 2)):
        error = np.sqrt(one.var(0) / len(one) + other.var(0) / len(other))
        assert (np.abs(one.mean(0) - other.mean(0)) <= _MOST_Z * error + 1e-6).all()


@pytest.mark.parametrize("policy", ["cifar10", "imagenet", "svhn", "trivial", "rand"])
def test_policies(policy: Any) -> None:
    left, right = both(Augmentation(**NOTHING, policy=policy), picture())
    assert same_shares(left, right) > 40
    same_means(left.pixels_bhwc.numpy().reshape(DRAWS, -1).astype(float), right.pixels_bhwc.numpy().reshape(DRAWS, -1))


def test_padding_crop_and_flip() -> None:
    left, right = both(Augmentation(crop="pad", padding=2, flip=0.3, erasing=0.0), picture())
    assert same_shares(left, right) == 5 * 5 * 2


def test_flip_of_the_middle() -> None:
    left, right = both(Augmentation(crop="none", flip=0.25, erasing=0.0), picture(20, SIZE))
    assert same_shares(left, right) == 2


def test_padding_crop_of_a_wide_image() -> None:
    left, right = both(Augmentation(crop="pad", padding=1, flip=0.0, erasing=0.0), picture(SIZE, 15))
    assert same_shares(left, right) == 3 * 6


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("shape", [(20, 20), (8, 24), (9, 9)])
def test_scaled_crop(interpolation: Any, shape: tuple[int, int]) -> None:
    how = Augmentation(crop="resized", flip=0.5, erasing=0.0, interpolation=interpolation)
    left, right = both(how, picture(*shape))
    same_means(left.pixels_bhwc.numpy().reshape(DRAWS, -1).astype(float), right.pixels_bhwc.numpy().reshape(DRAWS, -1))


def test_erasing() -> None:
    left, right = both(Augmentation(crop="none", flip=0.0, erasing=0.6), picture(32, 32), size=32)
    found = []
    for batch in (left, right):
        top, left_edge, bottom, right_edge = batch.erased.numpy().T.astype(float)
        height, width = bottom - top, right_edge - left_edge
        erased = height > 0
        assert (bottom <= 32).all()
        assert (right_edge <= 32).all()
        ratio = np.log(height[erased] / width[erased])
        found.append((erased[:, None].astype(float), np.column_stack([height * width, top, left_edge])[erased], ratio[:, None]))
    for one, other in zip(*found, strict=True):
        same_means(one, other)
    assert found[1][0].mean() == pytest.approx(0.6, abs=0.05)


def test_lighting() -> None:
    left, right = both(Augmentation(**NOTHING, lighting=0.1), picture())
    for one, other in ((left.colours, right.colours), (left.colours @ left.colours.T, right.colours @ right.colours.T)):
        same_means(one.numpy()[:, :3], other.numpy()[:, :3])
    products = [batch.colours[:, [0, 0, 1]] * batch.colours[:, [1, 2, 2]] for batch in (left, right)]
    same_means(products[0].numpy(), products[1].numpy())
