"""What the closed form needs to know of kernels, strides and resolution: it is shared by all networks of that geometry."""

import math
from functools import lru_cache

from zen_lightning.arch import Unit
from zen_lightning.proxy.axis_profile import flat_profile

_SERIES_BELOW = 1e-3
_SERIES_SLOPE = math.sqrt(2) / (3 * math.pi)
_REMEMBERED = 20_000


class Geometry:
    """Convolutions in a row at one resolution, without their widths.

    Attributes:
        sums: for each convolution (S1, S2) of docs/closed_form.md, zero padding and border included.
        resolution: height and width of what leaves.
        amplitude: mean amplitude of what leaves along one axis, 1 without a border.

    Args:
        sums: as above.
        resolution: as above.
        amplitude: as above.
        reads_image: whether the first convolution reads the image: it leaves the correlation of two images as it is.
    """

    def __init__(
        self, sums: tuple[tuple[float, float], ...], resolution: int, amplitude: float, reads_image: bool = False
    ) -> None:
        self.sums = sums
        self.resolution = resolution
        self.amplitude = amplitude
        self.reads_image = reads_image
        self._factors = [power / (power / 2 - square / (2 * math.pi)) for power, square in sums[reads_image:]]
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
    return Geometry(sums, parts[-1].resolution, parts[-1].amplitude, parts[0].reads_image)


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


def unit_geometry(unit: Unit, resolution: int, reads_image: bool) -> Geometry:
    """Return the geometry of the vanilla twin of a unit.

    Args:
        unit: a convolution or a residual unit.
        resolution: height and width of what arrives.
        reads_image: whether the unit is the first of the network.
    """
    shape = tuple([(conv.kernel_size, conv.stride) for conv in unit.backbone])
    return _geometry(shape, resolution, reads_image)


@lru_cache(maxsize=4_096)
def _geometry(shape: tuple[tuple[int, int], ...], resolution: int, reads_image: bool) -> Geometry:
    profile = flat_profile(resolution)
    if not reads_image:
        # The border profile that arrives depends on all layers before; that of a unit like this one is close, and is local.
        widest = max(3, *(kernel_size for kernel_size, _ in shape))
        for kernel_size in (widest, 1, 1, widest, 1):
            profile = profile.after(kernel_size, 1, False).profile
    sums = []
    for index, (kernel_size, stride) in enumerate(shape):
        power, square, profile = profile.after(kernel_size, stride, reads_image and index == 0)
        sums.append((power, square))
    return Geometry(tuple(sums), len(profile.moments), profile.amplitude, reads_image)
