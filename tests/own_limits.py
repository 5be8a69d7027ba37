"""Limits from outside the package."""

from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.arch.conv_counts import conv_counts
from zen_lightning.budget import FlopsLimit, Limit


class WeightsLimit(Limit):
    """Megabytes of the file of the weights."""

    name = "weights_mb"
    title = "weights"
    unit = "MB"

    def __init__(self, maximum: float, num_classes: int, bytes_each: int = 2) -> None:
        super().__init__(maximum)
        self.num_classes = num_classes
        self.bytes_each = bytes_each

    def measure(self, architecture: BaseArchitecture) -> float:
        return self.bytes_each * architecture.num_params(self.num_classes) / 1e6


class ConvolutionsLimit(Limit):
    """Convolutions: a count with nothing but its name."""

    name = "convolutions"
    bounds_depth = True
    bounds_width = False

    def measure(self, architecture: BaseArchitecture) -> float:
        return conv_counts(architecture, 32).convolutions


class Flops320(FlopsLimit):
    """Multiply-adds at a resolution of its own."""

    name = "flops_320"
    title = "FLOPs at 320 px"

    def __init__(self, maximum: float, num_classes: int) -> None:
        super().__init__(maximum, 320, num_classes)

    @classmethod
    def axis(cls, resolution: int) -> str:
        return super().axis(320)


class Unnamed(Limit):
    """Has no name."""

    def measure(self, architecture: BaseArchitecture) -> float:
        return 1


class Taken(Unnamed):
    """Has the name of a column."""

    name = "score"


class Unfinished(Limit):
    """Measures nothing."""

    name = "unfinished"


def nothing(maximum: Any) -> None:
    """Is no class."""
