"""Every operation with every strength that a policy uses gives the pixels that Pillow gives, as single images have them."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torchvision.transforms import v2

from zen_lightning.data.batched.operations import KINDS
from zen_lightning.data.batched.policy import Policy, Step

POLICIES = ("cifar10", "imagenet", "svhn", "trivial", "rand")
TORCHVISION: Any = v2.TrivialAugmentWide(fill=128)


def samples(size: int) -> NDArray[np.uint8]:
    """Return noise, low contrast, one colour, a ramp, half black, two values."""
    images = np.random.default_rng(0).integers(0, 256, (6, size, size, 3), dtype=np.uint8)
    images[1] = images[1] // 3 + 40
    images[2] = 77
    images[3] = (np.arange(size) * 255 // size)[:, None, None]
    images[4, :, : size // 2] = 0
    images[5] = np.where(images[5] < 128, 3, 250)
    return images


def batched(step: Step, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    padded = torch.from_numpy(np.concatenate([images, images[..., :1]], axis=3))
    kind = KINDS[step.name]
    table = torch.from_numpy(np.stack([kind.table(step.name, step.magnitude, *images.shape[1:3])] * len(images)))
    return kind.apply(padded, table)[..., :3].numpy()


def one_by_one(step: Step, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    def apply(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        nearest = v2.InterpolationMode.NEAREST
        done = TORCHVISION._apply_image_or_video_transform(
            Image.fromarray(image), step.name, step.magnitude, interpolation=nearest, fill=TORCHVISION._fill
        )
        return np.asarray(done)

    return np.stack([apply(image) for image in images])


@pytest.mark.parametrize("size", [17, 32, pytest.param(64, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", POLICIES)
def test_the_pixels_are_those_of_pillow(name: str, size: int) -> None:
    images = samples(size)
    steps = Policy(name, size, size).steps[1:]
    assert len({step.name for step in steps}) > 8
    changed = 0
    for step in steps:
        expected = one_by_one(step, images)
        # A processor that fuses multiplication and addition may round a blend the other way.
        off = 1 if step.name in ("Contrast", "Color", "Sharpness", "Brightness") else 0
        assert np.abs(batched(step, images).astype(int) - expected.astype(int)).max() <= off, step
        changed += bool((expected != images).any())
    assert changed > len(steps) * 0.9


@pytest.mark.parametrize("name", ["AutoContrast", "Equalize"])
def test_every_range_of_values(name: str) -> None:
    edges = np.random.default_rng(1).integers(0, 256, (400, 2))
    ramp = np.linspace(edges.min(1), edges.max(1), 16 * 16, axis=1).round().astype(np.uint8)
    images = np.repeat(ramp.reshape(400, 16, 16, 1), 3, axis=3)
    assert np.array_equal(batched(Step(name, 0.0), images), one_by_one(Step(name, 0.0), images))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_smallest_images(name: str) -> None:
    for size in (1, 2, 3):
        images = samples(size)
        step = Step(name, 0.3 if name not in ("Posterize", "Rotate") else 3.0)
        assert np.abs(batched(step, images).astype(int) - one_by_one(step, images).astype(int)).max() <= 1, size
