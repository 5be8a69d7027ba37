"""What workers and device do together is the recipe: its order, its numbers, draw by draw."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torchvision.transforms import v2

from augmentation_reference import eval_reference, train_reference
from zen_lightning.data.augmentation import Augmentation
from zen_lightning.data.batch import RawBatch
from zen_lightning.data.device_transform import DeviceTransform
from zen_lightning.data.pixels import Pixels
from zen_lightning.data.transforms import EvalTransform, TrainTransform, Transform

ZERO, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
NOTHING: dict[str, Any] = {"crop": "none", "flip": 0.0, "policy": None, "lighting": 0.0, "erasing": 0.0}
CIFAR = Augmentation(policy="cifar10")
IMAGENET = Augmentation(crop="resized", policy="imagenet", lighting=0.1, interpolation="bicubic")


def noise(width: int = 32, height: int = 32) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def photograph(width: int, height: int, seed: int = 0) -> Image.Image:
    """Noise as smooth as a photograph."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(2))


def finished(transform: Transform, image: Image.Image, mean: Any = ZERO, std: Any = ONE) -> Tensor:
    pixels, colour, erased = transform(np.asarray(image))
    batch = RawBatch(pixels[None], torch.zeros(1, dtype=torch.int64), colour[None], erased[None])
    return DeviceTransform(mean, std)(batch)[0][0]


def to_tensor(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255


def same(left: Tensor, right: Tensor) -> bool:
    """Whether two images of values from 0 to 1 are the same 8 bits."""
    return torch.equal((left * 255).round(), (right * 255).round())


@pytest.mark.parametrize(
    "augmentation",
    [
        CIFAR,
        Augmentation(policy="svhn", padding=2, erasing=1.0),
        Augmentation(crop="none", policy="imagenet", lighting=0.1),
        Augmentation(crop="pad", lighting=0.5, flip=1.0),
    ],
)
def test_every_draw_is_that_of_torchvision(augmentation: Augmentation) -> None:
    ours, theirs = TrainTransform(augmentation, 32), train_reference(augmentation, 32, MEAN, STD)
    for seed in range(150):
        torch.manual_seed(seed)
        found = finished(ours, photograph(32, 32, seed), MEAN, STD)
        torch.manual_seed(seed)
        assert torch.allclose(found, theirs(photograph(32, 32, seed)), atol=2e-6)


@pytest.mark.parametrize("augmentation", [CIFAR, IMAGENET, Augmentation(crop="none")])
def test_scaled_images_are_those_of_pillow_up_to_rounding(augmentation: Augmentation) -> None:
    """AutoAugment left out: it makes other images of the smallest difference, by equalising or posterising."""
    plain = Augmentation(**{**vars(augmentation), "policy": None})
    ours, theirs = TrainTransform(plain, 48), train_reference(plain, 48, ZERO, ONE)
    apart = []
    for seed in range(60):
        image = photograph(90, 70, seed)
        torch.manual_seed(seed)
        found = finished(ours, image)
        torch.manual_seed(seed)
        apart.append(((found - theirs(image)) * 255).abs())
    assert max(float(each.max()) for each in apart) < 2.01
    assert np.mean([float(each.mean()) for each in apart]) < 0.05


@pytest.mark.long
def test_the_statistics_of_the_whole_recipe_are_those_of_torchvision() -> None:
    ours, theirs = TrainTransform(IMAGENET, 32), train_reference(IMAGENET, 32, MEAN, STD)
    moments = []
    for name, base in (("ours", 0), ("theirs", 100_000)):  # Other seeds: not draw by draw.
        rows = []
        for seed in range(1500):
            torch.manual_seed(base + seed)
            image = photograph(60, 45, seed % 20)
            out = finished(ours, image, MEAN, STD) if name == "ours" else theirs(image)
            rows.append([float(out.mean()), float(out.std()), float((out == 0).all(dim=0).float().mean())])
        moments.append(np.array(rows))
    ours_rows, theirs_rows = moments
    error = np.sqrt(ours_rows.var(axis=0) / len(ours_rows) + theirs_rows.var(axis=0) / len(theirs_rows))
    assert (np.abs(ours_rows.mean(axis=0) - theirs_rows.mean(axis=0)) < 4 * error).all()


def test_nothing_is_the_image_normalised() -> None:
    image = noise()
    expected = (to_tensor(image) - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    for transform in (TrainTransform(Augmentation(**NOTHING), 32), EvalTransform(32, None)):
        assert torch.allclose(finished(transform, image, MEAN, STD), expected, atol=1e-6)


def test_crops_after_padding_with_four_black_pixels() -> None:
    torch.manual_seed(0)
    transform = TrainTransform(Augmentation(**{**NOTHING, "crop": "pad"}), 32)
    padded = torch.nn.functional.pad(to_tensor(noise()), (4, 4, 4, 4))
    windows = {(y, x): padded[:, y : y + 32, x : x + 32] for y in range(9) for x in range(9)}
    seen = set()
    for _ in range(600):
        out = finished(transform, noise())
        found = [place for place, window in windows.items() if same(out, window)]
        assert len(found) == 1
        seen.add(found[0])
    assert len(seen) > 75  # Of 81, each as likely.


def test_flips_half_of_the_images() -> None:
    torch.manual_seed(0)
    transform = TrainTransform(Augmentation(**{**NOTHING, "flip": 0.5}), 32)
    plain = to_tensor(noise())
    flipped = 0
    for _ in range(400):
        out = finished(transform, noise())
        assert same(out, plain) or same(out, plain.flip(-1))
        flipped += same(out, plain.flip(-1))
    assert 160 < flipped < 240


def test_erases_after_normalisation_by_the_numbers_of_the_recipe() -> None:
    torch.manual_seed(0)
    transform = TrainTransform(Augmentation(**{**NOTHING, "erasing": 0.5}), 64)
    white = Image.new("RGB", (64, 64), "white")
    kept = (1 - MEAN[0]) / STD[0]
    areas, ratios = [], []
    for _ in range(600):
        out = finished(transform, white, MEAN, STD)
        erased = (out == 0).all(dim=0)
        assert torch.allclose(out[0][~erased], torch.tensor(kept), atol=1e-5)
        if erased.any():
            height, width = int(erased.any(dim=1).sum()), int(erased.any(dim=0).sum())
            assert int(erased.sum()) == height * width
            areas.append(height * width / 64**2)
            ratios.append(height / width)
    assert 250 < len(areas) < 350
    # Sides are whole pixels.
    assert 0.015 < min(areas) < 0.04
    assert 0.29 < max(areas) < 0.345
    assert np.mean(areas) == pytest.approx((0.02 + 0.33) / 2, abs=0.02)
    assert 0.25 < min(ratios) < 0.4
    assert 2.7 < max(ratios) < 3.8
    assert np.mean(np.log(ratios)) == pytest.approx(0, abs=0.12)


def test_autoaugment_fills_with_grey() -> None:
    transform = TrainTransform(Augmentation(**{**NOTHING, "policy": "svhn"}), 32)
    policy = transform._policy
    assert isinstance(policy, v2.AutoAugment)
    policy._policies = [(("Rotate", 1.0, 9), ("TranslateY", 1.0, 9))]
    for _ in range(10):
        out = finished(transform, Image.new("RGB", (32, 32), "white"))
        assert set((out * 255).round().flatten().tolist()) == {255, 128}


@pytest.mark.parametrize("ratio", [0.875, None])
def test_validation_scales_and_crops_to_the_centre(ratio: float | None) -> None:
    for width, height in ((500, 375), (375, 501), (230, 224)):
        image = photograph(width, height)
        found = finished(EvalTransform(224, ratio), image) * 255
        apart = (found - eval_reference(image, 224, ratio)).abs()
        assert (float(apart.max()) < 2.01, float(apart.mean()) < 0.05) == (True, True)


@pytest.mark.parametrize(
    ("size", "ratio", "resized"), [(224, 0.875, 256), (320, 0.875, 366), (380, 0.875, 435), (224, 0.7, 320), (224, 1.0, 224)]
)
def test_the_size_before_the_centre_crop_is_rounded_up(size: int, ratio: float, resized: int) -> None:
    assert EvalTransform(size, ratio).resized == resized


@pytest.mark.parametrize("crop", ["pad", "resized", "none"])
@pytest.mark.parametrize("size", [(32, 32), (20, 47), (100, 40)])
def test_any_image_becomes_the_size_asked_for(crop: Any, size: tuple[int, int]) -> None:
    pixels: Pixels = np.asarray(noise(*size))
    before = pixels.copy()
    for transform in (TrainTransform(Augmentation(crop=crop), 24), EvalTransform(24, None)):
        out = transform(pixels).pixels_hwc
        assert (out.shape, out.dtype, out.is_contiguous()) == ((24, 24, 3), torch.uint8, True)
    assert np.array_equal(pixels, before)
