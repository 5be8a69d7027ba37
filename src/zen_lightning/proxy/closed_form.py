"""The Zen-score in closed form: its expectation, computed from the layer list without tensors. Pure Python.

Zen-NAS, ICCV 2021, https://arxiv.org/abs/2102.01063, defines the score as a Monte-Carlo experiment. Nothing in it depends on
data, so the mean over weights and images can be computed. docs/closed_form.md derives every line and shows the accuracy.
"""

import math
from math import log
from typing import Any

from zen_lightning.arch import Architecture, SuperBlock, Unit
from zen_lightning.arch.res_shapes import ResKind, ResShape, conv_kernels, conv_widths
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.checks import refuse_foreign_parts
from zen_lightning.proxy.geometry import Geometry, Reads, join, kernel_geometry, unit_geometry
from zen_lightning.proxy.zen import GAMMA, check_zen
from zen_lightning.system.value_types import Pixels, Positive

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


_TWO_PI = 2 * math.pi
_CACHED_STEPS = 50_000
"""Steps of residual units kept, all dropped when full. A choice: it bounds the memory of a search."""

_spreads: dict[int, tuple[float, float]] = {}
_steps: "dict[tuple[ResKind, ResShape, int, int], _Step]" = {}
_geometries: dict[tuple[int, ...], Geometry] = {}
"""Spreads by channels, steps of residual units, and their geometries."""


_Step = tuple[float, float, float, float, Geometry, int, bool]
"""A unit or a super-block at one resolution and one level of the input's excess. A plain tuple: a search makes a million.

1. sum over its batch norms of 1/2 ln v;
2. the same with the running variance;
3. factor of the excess: the output's excess is ``gain * excess + noise``;
4. ``noise``;
5. its convolutions without their widths;
6. height and width of the output;
7. whether a relu comes last.
"""


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

    def __init__(self, resolution: Pixels = 224, bn_variance: str = "running", gamma: Positive = GAMMA) -> None:
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
            delta = geometry.grown.get(delta) or geometry.grow(delta)
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
    # A search makes blocks by the hundred thousand: those of families with formulas are read without units.
    kind: ResKind | None = block.kind if block.by_formula else None  # type: ignore[attr-defined]
    units: tuple[Any, ...] = block.units if kind is None else block.all_shapes()  # type: ignore[attr-defined]
    for unit in units:
        if kind is None:
            step = unit.cache.get((size, at)) or _walk_unit(unit, size, at)
        else:
            step = _steps.get((kind, unit, size, at)) or _walk_shape(kind, unit, size, at)
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
    step = block.cache[resolution, level] = batch, running, gain, noise, join(tuple(geometries)), size, rectified
    return step


def _walk_unit(unit: Unit, resolution: int, level: int) -> _Step:
    """Compute the step of a unit, and cache it with the unit."""
    geometry = unit_geometry(unit, resolution, _reads(level))
    widths = tuple([(conv.fan_in, conv.out_channels) for conv in unit.backbone])
    step = unit.cache[resolution, level] = _step(widths, geometry, level, unit.backbone[-1].relu)
    return step


def _walk_shape(kind: ResKind, shape: ResShape, resolution: int, level: int) -> _Step:
    """Compute the step of a residual unit from its integers, and cache it."""
    if len(_steps) >= _CACHED_STEPS:
        _steps.clear()
    kernel_size, stride = shape[3:]
    key = kind, kernel_size, stride, resolution, _kind_of_input(level)
    geometry = _geometries.get(key)
    if geometry is None:
        geometry = _geometries[key] = kernel_geometry(conv_kernels(kind, kernel_size, stride), resolution, _reads(level))
    step = _steps[kind, shape, resolution, level] = _step(conv_widths(kind, shape), geometry, level, True)
    return step


def _step(widths: tuple[tuple[int, int], ...], geometry: Geometry, level: int, rectifies: bool) -> _Step:
    """Return the step of convolutions in a row.

    Args:
        widths: for each, the channels that one output reads, and the channels out.
        geometry: all else of them.
        level: of the input's excess.
        rectifies: whether a relu comes last.
    """
    excess = _excess(level)
    batch = running = noise = 0.0
    gain = 1.0
    for (fan_in, leaves), (power, square, rectified) in zip(widths, geometry.taps):  # noqa: B905  (strict costs a tenth)
        # The output of a relu has a mean, which batch norm subtracts; a linear output has none.
        if rectified:
            flatness = 1 - 0.25 * excess / (1 + 1.15 * excess)  # _flatness, without the call.
            variance = fan_in * (power - flatness * square / _TWO_PI)
        else:
            variance = fan_in * power
        batch += 0.5 * log(variance)
        running += 0.5 * log(0.81 + 0.19 * variance)  # From 1, after two passes with momentum 0.1: 0.9^2 = 0.81.
        growth, fresh = _spreads.get(leaves) or _spread(leaves)
        excess = growth * excess + fresh
        gain, noise = growth * gain, growth * noise + fresh
    return batch, running, gain, noise, geometry, geometry.resolution, rectifies


def _spread(channels: int) -> tuple[float, float]:
    """Return by what the excess grows in a convolution to so many channels: its factor, and what is added."""
    found = _spreads[channels] = 1 + EXCESS_GAIN / math.sqrt(channels), EXCESS_NOISE / channels
    return found


def _excess(level: int) -> float:
    """Return the excess at the middle of a level."""
    if level == _IMAGE:
        return 0.0
    return ((level if level >= 0 else _LINEAR - level) + 0.5) / EXCESS_LEVELS


def _kind_of_input(level: int) -> int:
    return 0 if level >= 0 else max(level, _LINEAR)


def _reads(level: int) -> Reads:
    """Return the kind of input at a level."""
    return Reads.RELU if level >= 0 else Reads.IMAGE if level == _IMAGE else Reads.LINEAR
