"""The augmentation: the order and the numbers of the recipe."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from zen_lightning.data.augmentation import Augmentation, eval_transform, train_transform
from zen_lightning.data.lighting import EIGENVALUES, EIGENVECTORS, Lighting
from zen_lightning.errors import UserError

ZERO, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
NOTHING = {"crop": "none", "flip": 0.0, "policy": None, "lighting": 0.0, "erasing": 0.0}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def steps(transform: Any) -> list[Any]:
    return list(transform.transforms)


def kinds(transform: Any) -> list[str]:
    return [type(step).__name__ for step in steps(transform)]


def noise(width: int = 32, height: int = 32) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def to_tensor(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255


def same(left: Tensor, right: Tensor) -> bool:
    """Whether two images of values from 0 to 1 are the same 8 bits."""
    return torch.equal((left * 255).round(), (right * 255).round())


def test_the_order_for_cifar() -> None:
    transform = train_transform(Augmentation(policy="cifar10"), 32, MEAN, STD)
    order = [
        "Resize",
        "RandomCrop",
        "RandomHorizontalFlip",
        "AutoAugment",
        "PILToTensor",
        "ToDtype",
        "Normalize",
        "RandomErasing",
    ]
    assert kinds(transform) == order
    assert steps(transform)[3].policy == v2.AutoAugmentPolicy.CIFAR10


def test_the_order_for_imagenet() -> None:
    augmentation = Augmentation(crop="resized", policy="imagenet", lighting=0.1, interpolation="bicubic")
    transform = train_transform(augmentation, 224, MEAN, STD)
    tensors = ["PILToTensor", "ToDtype", "Lighting", "Normalize", "RandomErasing"]
    assert kinds(transform) == ["RandomResizedCrop", "RandomHorizontalFlip", "AutoAugment", *tensors]
    crop, policy = steps(transform)[0], steps(transform)[2].policy
    assert crop.interpolation == v2.InterpolationMode.BICUBIC
    assert (tuple(crop.scale), tuple(crop.ratio), tuple(crop.size)) == ((0.08, 1.0), (3 / 4, 4 / 3), (224, 224))
    assert policy == v2.AutoAugmentPolicy.IMAGENET


def test_nothing_is_the_image_normalised() -> None:
    image = noise()
    expected = (to_tensor(image) - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    assert torch.allclose(train_transform(Augmentation(**NOTHING), 32, MEAN, STD)(image), expected, atol=1e-6)
    assert torch.allclose(eval_transform(32, None, MEAN, STD)(image), expected, atol=1e-6)


def test_crops_after_padding_with_four_black_pixels() -> None:
    transform = train_transform(Augmentation(**{**NOTHING, "crop": "pad"}), 32, ZERO, ONE)
    padded = torch.nn.functional.pad(to_tensor(noise()), (4, 4, 4, 4))
    windows = {(y, x): padded[:, y : y + 32, x : x + 32] for y in range(9) for x in range(9)}
    seen = set()
    for _ in range(600):
        out = transform(noise())
        seen |= {place for place, window in windows.items() if same(out, window)}
    assert len(seen) > 75  # Of 81, each as likely.


def test_flips_half_of_the_images() -> None:
    transform = train_transform(Augmentation(**{**NOTHING, "flip": 0.5}), 32, ZERO, ONE)
    plain = to_tensor(noise())
    flipped = 0
    for _ in range(400):
        out = transform(noise())
        assert same(out, plain) or same(out, plain.flip(-1))
        flipped += same(out, plain.flip(-1))
    assert 160 < flipped < 240


def test_erases_after_normalisation_by_the_numbers_of_the_recipe() -> None:
    transform = train_transform(Augmentation(**{**NOTHING, "erasing": 0.5}), 64, MEAN, STD)
    white = Image.new("RGB", (64, 64), "white")
    kept = (1 - MEAN[0]) / STD[0]
    areas, ratios = [], []
    for _ in range(600):
        out = transform(white)
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
    transform = train_transform(Augmentation(**{**NOTHING, "policy": "svhn"}), 32, ZERO, ONE)
    augment = next(step for step in steps(transform) if isinstance(step, v2.AutoAugment))
    augment._policies = [(("Rotate", 1.0, 9), ("TranslateY", 1.0, 9))]
    for _ in range(10):
        out = transform(Image.new("RGB", (32, 32), "white"))
        assert set((out * 255).round().flatten().tolist()) == {255, 128}


def test_lighting_adds_one_colour_along_the_components() -> None:
    image = torch.rand(3, 4, 5)
    added = torch.stack([(Lighting(0.1)(image) - image) for _ in range(4000)])
    assert torch.allclose(added, added[:, :, :1, :1].expand_as(added), atol=1e-6)
    vectors, values = torch.tensor(EIGENVECTORS), torch.tensor(EIGENVALUES)
    expected = vectors @ torch.diag((0.1 * values) ** 2) @ vectors.T
    assert torch.allclose(torch.cov(added[:, :, 0, 0].T), expected, rtol=0.1, atol=5e-6)
    assert torch.allclose(vectors.T @ vectors, torch.eye(3), atol=1e-3)
    assert values.tolist() == pytest.approx([0.2175, 0.0188, 0.0045])


def test_validation_scales_and_crops_to_the_centre() -> None:
    image = noise(500, 375)
    out = eval_transform(224, 0.875, ZERO, ONE)(image)
    scaled = image.resize((341, 256), Image.Resampling.BICUBIC)
    left, top = round((341 - 224) / 2), (256 - 224) // 2
    assert same(out, to_tensor(scaled.crop((left, top, left + 224, top + 224))))


@pytest.mark.parametrize(
    ("size", "ratio", "resized"), [(224, 0.875, 256), (320, 0.875, 366), (380, 0.875, 435), (224, 0.7, 320), (224, 1.0, 224)]
)
def test_the_size_before_the_centre_crop_is_rounded_up(size: int, ratio: float, resized: int) -> None:
    assert steps(eval_transform(size, ratio, ZERO, ONE))[0].size == [resized]
    assert resized == math.ceil(round(size / ratio, 6))


@pytest.mark.parametrize("crop", ["pad", "resized", "none"])
@pytest.mark.parametrize("size", [(32, 32), (20, 47), (100, 40)])
def test_any_image_becomes_the_size_asked_for(crop: Any, size: tuple[int, int]) -> None:
    for transform in (train_transform(Augmentation(crop=crop), 24, ZERO, ONE), eval_transform(24, None, ZERO, ONE)):
        out = transform(noise(*size))
        assert (out.shape, out.dtype, type(out)) == ((3, 24, 24), torch.float32, Tensor)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"crop": "padd"}, r"recipe\.augmentation\.crop=padd: expected one of pad, resized, none; did you mean 'pad'\?"),
        ({"policy": "cifar"}, r"recipe\.augmentation\.policy=cifar: .*; did you mean 'cifar10'"),
        ({"interpolation": None}, r"recipe\.augmentation\.interpolation=null: expected one of bilinear, bicubic"),
        ({"padding": -1}, r"recipe\.augmentation\.padding=-1"),
        ({"padding": 1.5}, r"recipe\.augmentation\.padding=1\.5"),
        ({"flip": 1.1}, r"recipe\.augmentation\.flip=1\.1: expected a probability from 0 to 1"),
        ({"erasing": True}, r"recipe\.augmentation\.erasing=True"),
        ({"erasing": "often"}, r"recipe\.augmentation\.erasing=often"),
        ({"lighting": -0.1}, r"recipe\.augmentation\.lighting=-0\.1"),
        ({"lighting": math.nan}, r"recipe\.augmentation\.lighting=nan"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Augmentation(**arguments)
