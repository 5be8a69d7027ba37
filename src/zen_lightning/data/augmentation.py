"""The augmentation of training images."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from zen_lightning.errors import UserError
from zen_lightning.system.value_types import CountFrom0, From0, Share

_CHOICES: dict[str, tuple[str | None, ...]] = {
    "crop": ("pad", "resized", "none"),
    "policy": ("cifar10", "imagenet", "svhn", "trivial", "rand", None),
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
        policy: of AutoAugment (E. Cubuk et al., 2018, https://arxiv.org/abs/1805.09501): ``cifar10``, ``imagenet``, ``svhn``;
            ``trivial``: TrivialAugment, wide (S. Müller and F. Hutter, 2021, https://arxiv.org/abs/2103.10158); ``rand``:
            RandAugment, two operations of magnitude 9 of 31 (E. Cubuk et al., 2019, https://arxiv.org/abs/1909.13719); or None.
        lighting: standard deviation of the colour shift, 0 for none; see :class:`~zen_lightning.data.lighting.Lighting`.
        erasing: probability of random erasing (Z. Zhong et al., 2017, https://arxiv.org/abs/1708.04896): a rectangle of 2 to
            33% of the area, aspect ratio 0.3 to 3.3, is set to 0 after normalisation.
        interpolation: interpolation of all scaling.

    Raises:
        UserError: a value out of range.
    """

    crop: Literal["pad", "resized", "none"] = "pad"
    padding: CountFrom0 = 4
    flip: Share = 0.5
    policy: Literal["cifar10", "imagenet", "svhn", "trivial", "rand"] | None = None
    lighting: From0 = 0.0
    erasing: Share = 0.5
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"

    def __post_init__(self) -> None:
        for key, choices in _CHOICES.items():
            value = getattr(self, key)
            if value not in choices:
                known = ["null" if choice is None else choice for choice in choices]
                raise UserError(key=key, value=_shown(value), choices=known)
        if not _is_number(self.padding) or self.padding != int(self.padding) or self.padding < 0:
            raise UserError(key="padding", value=_shown(self.padding), expected="a whole number of pixels, 0 or more")
        for key in ("flip", "erasing"):
            value = getattr(self, key)
            if not _is_number(value) or not 0 <= value <= 1:
                raise UserError(key=key, value=_shown(value), expected="a probability from 0 to 1")
        if not _is_number(self.lighting) or not 0 <= self.lighting < math.inf:
            raise UserError(key="lighting", value=_shown(self.lighting), expected="a standard deviation, 0 or more")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> Any:
    """Return a value as YAML has it."""
    return "null" if value is None else value
