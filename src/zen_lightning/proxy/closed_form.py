"""The Zen-score in closed form: its expectation, computed from the layer list without tensors. Pure Python.

Zen-NAS, ICCV 2021, https://arxiv.org/abs/2102.01063, defines the score as a Monte-Carlo experiment. Nothing in it depends on
data, so the mean over weights and images can be computed. docs/closed_form.md derives every line and shows the accuracy.
"""

import math
from typing import NamedTuple

from zen_lightning.arch import Architecture, SuperBlock, Unit
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.checks import refuse_foreign_parts
from zen_lightning.proxy.geometry import Geometry, Reads, join, unit_geometry
from zen_lightning.proxy.zen import GAMMA, check_zen

EXCESS_GAIN = 0.34
EXCESS_NOISE = 0.176
"""Growth of the kurtosis excess of activations from layer to layer: the two constants that are fitted, not derived. Fitted by
benchmarks/closed_form_truth.py on 176 random structures (docs/closed_form.md, section 4)."""

EXCESS_LEVELS = 32
"""Steps of the excess for each unit. A choice: variances depend on the excess weakly, and in steps of 1/32 the results of a
block can be cached. benchmarks/closed_form_truth.py measures the score with them."""

_MOST_EXCESS = 1e6
"""The excess is clipped here. A choice: flatness is constant by then; no network of the spaces comes near it."""

_IMAGE, _LINEAR = -1, -2
"""Levels of other inputs than a relu's, whose are 0, 1, ...: -1 is the image, -2, -3, ... a batch norm without a relu."""


class _Step(NamedTuple):
    """A unit or a super-block at one resolution and one level of the input's excess.

    Attributes:
        batch: sum over its batch norms of 1/2 ln v.
        running: the same with the running variance.
        gain: factor of the excess: the output's excess is ``gain * excess + noise``.
        noise: see ``gain``.
        geometry: its convolutions without their widths.
        resolution: height and width of the output.
        rectified: whether a relu comes last.
    """

    batch: float
    running: float
    gain: float
    noise: float
    geometry: Geometry
    resolution: int
    rectified: bool


class ZenClosedForm(Proxy):
    """The expectation of the Zen-score.

    Args:
        resolution: height and width of the images.
        bn_variance: ``batch`` or ``running``, as for :class:`~zen_lightning.proxy.monte_carlo.ZenMonteCarlo`.
        gamma: size of the perturbation.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)")
        >>> ZenClosedForm(resolution=32).score(arch).standard_error
        0.0
    """

    name = "zen"
    title = "closed form"
    cheap = True

    def __init__(self, resolution: int = 224, bn_variance: str = "running", gamma: float = GAMMA) -> None:
        check_zen(resolution, bn_variance, gamma)
        self.resolution = resolution
        self.bn_variance = bn_variance
        self.gamma = gamma

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score; there is no noise, so ``seed`` changes nothing."""
        batch, running = self.readings(architecture)
        return Score(running if self.bn_variance == "running" else batch, 0.0)

    def readings(self, architecture: Scorable) -> tuple[float, float]:
        """Return the score in both readings, batch and running.

        Raises:
            CannotScoreError: it is not a row of super-blocks; the closed form is derived only for those.
        """
        if not isinstance(architecture, Architecture):
            kind = type(architecture).__name__
            remedy = "use the Monte-Carlo estimate, zen_monte_carlo"
            raise CannotScoreError(f"the closed form scores rows of super-blocks, not a {kind}", remedy=remedy)
        if architecture.foreign_part is not None:
            refuse_foreign_parts(architecture, "the closed form")
        batch = running = excess = 0.0
        delta = 1 - 1 / math.sqrt(1 + self.gamma**2)
        size = self.resolution
        level = _IMAGE
        geometry: Geometry | None = None
        rectified = False
        for block in architecture.blocks:
            step = block.cache.get((size, level)) or _walk(block, size, level)
            half_log, half_log_running, gain, noise, geometry, size, rectified = step
            batch += half_log
            running += half_log_running
            excess = gain * excess + noise
            if excess > _MOST_EXCESS:
                excess = _MOST_EXCESS
            delta = geometry.grow(delta)
            level = int(excess * EXCESS_LEVELS) if rectified else _LINEAR - int(excess * EXCESS_LEVELS)
        assert geometry is not None, "an architecture has at least one block"
        flatness = _flatness(excess)
        last = math.log(architecture.out_channels * (size * geometry.amplitude) ** 2)
        last += 0.5 * math.log(flatness * delta / math.pi)
        if not rectified:
            last += math.log(2)  # E|u - u'| of two normals is twice that of their relus.
        return batch + last, running + last


def _flatness(excess: float) -> float:
    """Return the squared mean of |z| relative to a Gaussian's, 2/pi, for a kurtosis excess (E z^4 / 3 - 1).

    0.25 is the exact slope at 0; 1.15 was read off the layers of one network (docs/closed_form.md, section 4).
    """
    return 1 - 0.25 * excess / (1 + 1.15 * excess)


def _walk(block: SuperBlock, resolution: int, level: int) -> _Step:
    """Compute the step of a block from those of its units, and cache it with the block."""
    excess = _excess(level)
    batch = running = noise = 0.0
    gain = 1.0
    size, at = resolution, level
    rectified = False
    geometries = []
    for unit in block.units:
        step = unit.cache.get((size, at)) or _walk_unit(unit, size, at)
        half_log, half_log_running, grows, adds, geometry, size, rectified = step
        batch += half_log
        running += half_log_running
        excess = grows * excess + adds
        gain *= grows
        noise = grows * noise + adds
        if excess > _MOST_EXCESS or gain > _MOST_EXCESS:
            excess, gain, noise = min(excess, _MOST_EXCESS), min(gain, _MOST_EXCESS), min(noise, _MOST_EXCESS)
        geometries.append(geometry)
        at = int(excess * EXCESS_LEVELS) if rectified else _LINEAR - int(excess * EXCESS_LEVELS)
    step = block.cache[resolution, level] = _Step(batch, running, gain, noise, join(tuple(geometries)), size, rectified)
    return step


def _walk_unit(unit: Unit, resolution: int, level: int) -> _Step:
    """Compute the step of a unit, and cache it with the unit."""
    excess = _excess(level)
    batch = running = noise = 0.0
    gain = 1.0
    geometry = unit_geometry(unit, resolution, _reads(level))
    for conv, (power, square, rectified) in zip(unit.backbone, geometry.sums, strict=True):
        # The output of a relu has a mean, which batch norm subtracts; a linear output has none.
        variance = conv.fan_in * (power / 2 - _flatness(excess) * square / (2 * math.pi) if rectified else power)
        batch += 0.5 * math.log(variance)
        running += 0.5 * math.log(0.81 + 0.19 * variance)  # From 1, after two passes with momentum 0.1: 0.9^2 = 0.81.
        growth = 1 + EXCESS_GAIN / math.sqrt(conv.out_channels)
        fresh = EXCESS_NOISE / conv.out_channels
        excess = growth * excess + fresh
        gain, noise = growth * gain, growth * noise + fresh
    ends = unit.backbone[-1].relu
    step = unit.cache[resolution, level] = _Step(batch, running, gain, noise, geometry, geometry.resolution, ends)
    return step


def _excess(level: int) -> float:
    """Return the excess at the middle of a level."""
    if level == _IMAGE:
        return 0.0
    return ((level if level >= 0 else _LINEAR - level) + 0.5) / EXCESS_LEVELS


def _reads(level: int) -> Reads:
    """Return the kind of input at a level."""
    return Reads.RELU if level >= 0 else Reads.IMAGE if level == _IMAGE else Reads.LINEAR
