"""What the closed form needs to know of kernels, strides and resolution: it is shared by all networks of that geometry."""

import math
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from zen_lightning.arch import Unit
from zen_lightning.proxy.axis_profile import flat_profile

_SERIES_BELOW = 1e-3
_SERIES_SLOPE = math.sqrt(2) / (3 * math.pi)
_REMEMBERED = 20_000


class Reads(IntEnum):
    """What a convolution reads: the output of a relu, or values of mean 0, of the image or of a batch norm."""

    RELU = 0
    LINEAR = 1
    IMAGE = 2


class Sums(NamedTuple):
    """What a convolution makes of what it reads, widths left out.

    Attributes:
        power: S1 of docs/closed_form.md, zero padding and border included.
        square: S2, likewise; 0 where what it reads has mean 0.
        rectified: whether it reads the output of a relu.
    """

    power: float
    square: float
    rectified: bool


class Geometry:
    """Convolutions in a row at one resolution, without their widths.

    Attributes:
        sums: for each convolution.
        resolution: height and width of what leaves.
        amplitude: mean amplitude of what leaves along one axis, 1 without a border.

    Args:
        sums: as above.
        resolution: as above.
        amplitude: as above.
    """

    def __init__(self, sums: tuple[Sums, ...], resolution: int, amplitude: float) -> None:
        self.sums = sums
        self.resolution = resolution
        self.amplitude = amplitude
        # A linear map leaves the correlation of two images as it is.
        self._factors = [power / (power / 2 - square / (2 * math.pi)) for power, square, rectified in sums if rectified]
        self._grown: dict[float, float] = {}

    def grow(self, delta: float) -> float:
        """Return how far a perturbation has grown: delta is one minus the correlation of the two outputs.

        Args:
            delta: of what arrives.
        """
        grown = self._grown.get(delta)
        if grown is None:
            if len(self._grown) >= _REMEMBERED:
                self._grown.clear()
            grown = delta
            for factor in self._factors:
                grown = factor * correlation_gap(grown)
            self._grown[delta] = grown
        return grown


@lru_cache(maxsize=4_096)
def join(parts: tuple[Geometry, ...]) -> Geometry:
    """Return the geometry of several in a row."""
    sums = tuple(pair for part in parts for pair in part.sums)
    return Geometry(sums, parts[-1].resolution, parts[-1].amplitude)


def correlation_gap(delta: float) -> float:
    """Return 1/2 - K(1 - delta), with K the arc-cosine kernel of relu; in series where the difference would lose its digits.

    Example:
        >>> round(correlation_gap(1.0), 6) == round(0.5 - 0.5 / math.pi, 6)
        True
    """
    if delta < _SERIES_BELOW:
        return delta / 2 - _SERIES_SLOPE * delta * math.sqrt(delta)
    r = 1 - delta
    return 0.5 - (math.sqrt(1 - r * r) + r * (math.pi - math.acos(r))) / (2 * math.pi)


def unit_geometry(unit: Unit, resolution: int, reads: Reads) -> Geometry:
    """Return the geometry of the vanilla twin of a unit.

    Args:
        unit: a convolution or a residual unit.
        resolution: height and width of what arrives.
        reads: what arrives at the unit; a relu of its own may come first.
    """
    shape = tuple([(conv.kernel_size, conv.stride, conv.relu_first, conv.relu) for conv in unit.backbone])
    return _geometry(shape, resolution, reads)


@lru_cache(maxsize=4_096)
def _geometry(shape: tuple[tuple[int, int, bool, bool], ...], resolution: int, reads: Reads) -> Geometry:
    profile = flat_profile(resolution)
    if reads != Reads.IMAGE:
        # The border profile that arrives depends on all layers before; that of a unit like this one is close, and is local.
        widest = max(3, *(kernel_size for kernel_size, _, _, _ in shape))
        for kernel_size in (widest, 1, 1, widest, 1):
            profile = profile.after(kernel_size, 1, False).profile
    sums = []
    rectified = reads == Reads.RELU
    for kernel_size, stride, relu_first, relu in shape:
        rectified = rectified or relu_first
        power, square, profile = profile.after(kernel_size, stride, not rectified)
        sums.append(Sums(power, square, rectified))
        rectified = relu
    return Geometry(tuple(sums), len(profile.moments), profile.amplitude)
