"""The part of the closed form that depends only on kernels, strides and resolution, shared by all networks of one geometry."""

import math
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from zen_lightning.arch import Unit
from zen_lightning.proxy.axis_profile import flat_profile

_SERIES_BELOW = 1e-3
_SERIES_SLOPE = math.sqrt(2) / (3 * math.pi)
"""Below this delta the kernel is a series with this coefficient of delta^1.5 (docs/closed_form.md, section 2). The bound is a
choice: a difference of two numbers near 1/2 has lost three digits there."""

_CACHED = 20_000
"""Deltas cached with each geometry, all dropped when full. A choice: it bounds the memory."""


class Reads(IntEnum):
    """The input of a convolution: the output of a relu, or values of mean 0 from a batch norm or the image."""

    RELU = 0
    LINEAR = 1
    IMAGE = 2


class Sums(NamedTuple):
    """Sums over the taps of a convolution, without its widths.

    Attributes:
        power: S1 of docs/closed_form.md, zero padding and border included.
        square: S2, likewise; 0 where its input has mean 0.
        rectified: whether its input is the output of a relu.
    """

    power: float
    square: float
    rectified: bool


class Geometry:
    """Convolutions in a row at one resolution, without their widths.

    Attributes:
        sums: sums of each convolution.
        taps: the same, with the power halved where rectified, as plain tuples: a search unpacks them by the million.
        resolution: height and width of the output.
        amplitude: mean amplitude of the output along one axis; 1 without a border.
        grown: results of :meth:`grow`.

    Args:
        sums: see above.
        resolution: see above.
        amplitude: see above.
    """

    def __init__(self, sums: tuple[Sums, ...], resolution: int, amplitude: float) -> None:
        self.sums = sums
        self.taps = tuple([(power / 2 if rectified else power, square, rectified) for power, square, rectified in sums])
        self.resolution = resolution
        self.amplitude = amplitude
        # A linear map does not change the correlation of two images.
        self._factors = [power / (power / 2 - square / (2 * math.pi)) for power, square, rectified in sums if rectified]
        self.grown: dict[float, float] = {}

    def grow(self, delta: float) -> float:
        """Return the delta of the outputs, delta being one minus the correlation of two feature maps.

        Args:
            delta: delta of the inputs.
        """
        grown = self.grown.get(delta)
        if grown is None:
            if len(self.grown) >= _CACHED:
                self.grown.clear()
            grown = delta
            for factor in self._factors:
                grown = factor * correlation_gap(grown)
            self.grown[delta] = grown
        return grown


@lru_cache(maxsize=4_096)  # A choice: it bounds the memory.
def join(parts: tuple[Geometry, ...]) -> Geometry:
    """Return the geometry of several in a row."""
    sums = tuple(pair for part in parts for pair in part.sums)
    return Geometry(sums, parts[-1].resolution, parts[-1].amplitude)


def correlation_gap(delta: float) -> float:
    """Return 1/2 - K(1 - delta), with K the arc-cosine kernel of relu; as a series where the difference would lose digits.

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
        resolution: height and width of the input.
        reads: kind of the input; the unit may begin with a relu of its own.
    """
    shape = tuple([(conv.kernel_size, conv.stride, conv.relu_first, conv.relu) for conv in unit.backbone])
    return kernel_geometry(shape, resolution, reads)


@lru_cache(maxsize=4_096)  # A choice: it bounds the memory.
def kernel_geometry(shape: tuple[tuple[int, int, bool, bool], ...], resolution: int, reads: Reads) -> Geometry:
    """Return the geometry of a row of convolutions.

    Args:
        shape: of each: kernel, stride, and whether a relu comes before and after it.
        resolution: height and width of the input.
        reads: kind of the input.
    """
    profile = flat_profile(resolution)
    if reads != Reads.IMAGE:
        # The exact input profile depends on all layers before. A few kernels of the unit's own, run from a flat image, give
        # nearly the same (docs/closed_form.md, section 3).
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
