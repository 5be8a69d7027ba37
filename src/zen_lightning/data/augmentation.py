"""What is done to an image before a network sees it, in training and in validation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from PIL.Image import Image
from torch import Tensor, nn
from torchvision.transforms import v2

from zen_lightning.data.lighting import Lighting
from zen_lightning.data.source import Statistics
from zen_lightning.errors import UserError, nearest

Transform = Callable[[Image], Tensor]

_GREY = 128
_CHOICES: dict[str, tuple[str | None, ...]] = {
    "crop": ("pad", "resized", "none"),
    "policy": ("cifar10", "imagenet", "svhn", None),
    "interpolation": ("bilinear", "bicubic"),
}


@dataclass(frozen=True)
class Augmentation:
    """The augmentation of training images; the defaults but for ``policy`` are those for CIFAR.

    Attributes:
        crop: ``pad``: scaled to the size asked for, padded with black, cropped at random; ``resized``: a random part of 8 to
            100% of the image's area, aspect ratio 3/4 to 4/3, scaled; ``none``: as in validation without a crop ratio.
        padding: pixels on each side, for ``pad``.
        flip: probability of a horizontal flip.
        policy: of AutoAugment (E. Cubuk et al., 2018, https://arxiv.org/abs/1805.09501), or None.
        lighting: standard deviation of the colour shift, 0 for none; see :class:`~zen_lightning.data.lighting.Lighting`.
        erasing: probability of random erasing (Z. Zhong et al., 2017, https://arxiv.org/abs/1708.04896): a rectangle of 2 to
            33% of the area, aspect ratio 0.3 to 3.3, is set to 0 after normalisation.
        interpolation: of all scaling.

    Raises:
        UserError: a value out of range.
    """

    crop: Literal["pad", "resized", "none"] = "pad"
    padding: int = 4
    flip: float = 0.5
    policy: Literal["cifar10", "imagenet", "svhn"] | None = None
    lighting: float = 0.0
    erasing: float = 0.5
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"

    def __post_init__(self) -> None:
        for key, choices in _CHOICES.items():
            value = getattr(self, key)
            if value not in choices:
                known = ["null" if choice is None else choice for choice in choices]
                raise _refused(key, value, f"one of {', '.join(known)}{nearest(str(value), known)}")
        if not _is_number(self.padding) or self.padding != int(self.padding) or self.padding < 0:
            raise _refused("padding", self.padding, "a whole number of pixels, 0 or more")
        for key in ("flip", "erasing"):
            value = getattr(self, key)
            if not _is_number(value) or not 0 <= value <= 1:
                raise _refused(key, value, "a probability from 0 to 1")
        if not _is_number(self.lighting) or not 0 <= self.lighting < math.inf:
            raise _refused("lighting", self.lighting, "a standard deviation, 0 or more")


def train_transform(augmentation: Augmentation, image_size: int, mean: Statistics, std: Statistics) -> Transform:
    """Return the transform of training images: crop, flip, AutoAugment, to a tensor, lighting, normalisation, erasing.

    All that is random in it is drawn from torch's default generator for the CPU.

    Args:
        augmentation: what to do.
        image_size: height and width of the result.
        mean: of the channels, of values from 0 to 1.
        std: as ``mean``.

    Returns:
        a function from a PIL image, mode RGB, to a float32 tensor (3, image_size, image_size).

    Example:
        >>> import PIL.Image
        >>> transform = train_transform(Augmentation(), 32, (0.5, 0.5, 0.5), (0.2, 0.2, 0.2))
        >>> transform(PIL.Image.new("RGB", (48, 32))).shape
        torch.Size([3, 32, 32])
    """
    steps = _crop(augmentation, image_size)
    if augmentation.flip:
        steps.append(v2.RandomHorizontalFlip(augmentation.flip))
    if augmentation.policy is not None:
        steps.append(v2.AutoAugment(v2.AutoAugmentPolicy(augmentation.policy), fill=_GREY))
    steps += [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
    if augmentation.lighting:
        steps.append(Lighting(augmentation.lighting))
    steps.append(v2.Normalize(mean, std, inplace=True))
    if augmentation.erasing:
        steps.append(v2.RandomErasing(augmentation.erasing, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0.0, inplace=True))
    out: Transform = v2.Compose(steps)
    return out


def eval_transform(image_size: int, crop_ratio: float | None, mean: Statistics, std: Statistics) -> Transform:
    """Return the transform of validation images: scaled, cropped to the centre, to a tensor, normalised. Nothing is random.

    Args:
        image_size: height and width of the result.
        crop_ratio: the shorter side is scaled to ceil(image_size / crop_ratio), bicubic; None: to image_size, bilinear, which
            leaves an image of that size as it is.
        mean: of the channels, of values from 0 to 1.
        std: as ``mean``.

    Returns:
        a function from a PIL image, mode RGB, to a float32 tensor (3, image_size, image_size).
    """
    if crop_ratio is None:
        steps = _whole(image_size, v2.InterpolationMode.BILINEAR)
    else:
        # 1e-9 against 224 / 0.7 = 320.00000000000006, which is 320.
        resized = math.ceil(image_size / crop_ratio - 1e-9)
        steps = [v2.Resize(resized, v2.InterpolationMode.BICUBIC), v2.CenterCrop(image_size)]
    steps += [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std, inplace=True)]
    out: Transform = v2.Compose(steps)
    return out


def _crop(augmentation: Augmentation, image_size: int) -> list[nn.Module]:
    interpolation = v2.InterpolationMode(augmentation.interpolation)
    if augmentation.crop == "resized":
        return [v2.RandomResizedCrop(image_size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation=interpolation)]
    if augmentation.crop == "none":
        return _whole(image_size, interpolation)
    return [v2.Resize(image_size, interpolation), v2.RandomCrop(image_size, padding=augmentation.padding)]


def _whole(image_size: int, interpolation: v2.InterpolationMode) -> list[nn.Module]:
    return [v2.Resize(image_size, interpolation), v2.CenterCrop(image_size)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refused(key: str, value: Any, expected: str) -> UserError:
    return UserError(f"recipe.augmentation.{key}={'null' if value is None else value}: expected {expected}")
