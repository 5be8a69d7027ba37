"""Border profiles: how zero padding lowers the variance at the border of a feature map, along one axis."""

import math
from typing import NamedTuple

from zen_lightning.arch.primitives import output_size


class TapSums(NamedTuple):
    """The inputs of a convolution, summed over its taps, for a feature map with a border profile.

    Attributes:
        power: sum over the taps of the mean second moment under each, relative to the middle (the S1 of a uniform map is
            the fraction of taps inside the image, summed and squared).
        square: sum over the taps of the squared mean amplitude under each (S2, likewise).
        profile: profile of the output of the convolution's batch norm.
    """

    power: float
    square: float
    profile: "AxisProfile"


class AxisProfile:
    """Second moments of a feature map at each position along one axis, with mean 1.

    It depends only on the geometry (kernels, strides, resolution), so profiles are shared, and cache the profiles after them.

    Args:
        moments: the second moment at each position.
    """

    def __init__(self, moments: tuple[float, ...]) -> None:
        self.moments = moments
        self.amplitude = sum(math.sqrt(moment) for moment in moments) / len(moments)
        self._after: dict[tuple[int, int, bool], TapSums] = {}

    def after(self, kernel_size: int, stride: int, centred: bool) -> TapSums:
        """Return the sums and the output profile of a convolution that reads this profile.

        Args:
            kernel_size: kernel of the convolution.
            stride: stride of the convolution.
            centred: whether its input has mean 0 (the image, a batch norm without relu); otherwise it is the output of a relu.
        """
        key = (kernel_size, stride, centred)
        known = self._after.get(key)
        if known is None:
            known = self._after[key] = self._convolve(kernel_size, stride, centred)
        return known

    def _convolve(self, kernel_size: int, stride: int, centred: bool) -> TapSums:
        size, half = len(self.moments), (kernel_size - 1) // 2
        positions = range(output_size(size, kernel_size, stride))
        amplitudes = [math.sqrt(moment) for moment in self.moments]
        power_at = [0.0] * len(positions)
        amplitude_at = [0.0] * len(positions)
        powers, squares = 0.0, 0.0
        for tap in range(kernel_size):
            inside = [p * stride + tap - half for p in positions]
            moments = [self.moments[i] if 0 <= i < size else 0.0 for i in inside]
            roots = [amplitudes[i] if 0 <= i < size else 0.0 for i in inside]
            mean_root = sum(roots) / len(positions)
            powers += sum(moments) / len(positions)
            squares += mean_root**2
            for p in positions:
                power_at[p] += moments[p]
                amplitude_at[p] += mean_root * roots[p]
        if not centred:
            # The variance over weights at each position, less the square of batch norm's mean. Both axes contribute; the other
            # one is averaged.
            power_at = [
                0.5 * powers * power - squares / math.pi * amplitude + squares**2 / (2 * math.pi)
                for power, amplitude in zip(power_at, amplitude_at, strict=True)
            ]
        mean = sum(power_at) / len(power_at)
        return TapSums(powers**2, squares**2, _shared(tuple(power / mean for power in power_at)))


_CACHED = 20_000
"""Profiles kept, all dropped when full. A choice: it bounds the memory; a search at one resolution needs far fewer."""

_profiles: dict[tuple[float, ...], AxisProfile] = {}


def flat_profile(size: int) -> AxisProfile:
    """Return the profile of an image of ``size`` positions along the axis: 1 everywhere."""
    return _shared((1.0,) * size)


def _shared(moments: tuple[float, ...]) -> AxisProfile:
    profile = _profiles.get(moments)
    if profile is None:
        if len(_profiles) >= _CACHED:
            _profiles.clear()
        profile = _profiles[moments] = AxisProfile(moments)
    return profile
