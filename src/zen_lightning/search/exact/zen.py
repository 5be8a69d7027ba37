"""The Zen-score in closed form, in arrays: the same arithmetic as proxy/closed_form.py, for many blocks at once."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zen_lightning.arch.primitives import Unit
from zen_lightning.proxy.closed_form import EXCESS_GAIN, EXCESS_LEVELS, EXCESS_NOISE, ZenClosedForm
from zen_lightning.proxy.geometry import Geometry, Reads, Sums, join, unit_geometry
from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.rows import UnitRow, ends_in_relu, example_block
from zen_lightning.search.exact.score import AdditiveScore, Gain, Place


class ZenTables(AdditiveScore):
    """The tables of :class:`~zen_lightning.proxy.closed_form.ZenClosedForm`, in either reading.

    The excess x lowers the flatness f. Every convolution gains from that, as its variance is ``n (S1/2 - f S2/(2 pi))``, and
    the last term, ``1/2 ln f``, loses by it. With a factor r between two excesses and a growth G of both until the end, the
    loss is ``1/2 (ln f(G x) - ln f(G r x))``, at most :attr:`slope_of_excess` times ln r: the largest slope of ``1/2 ln f``
    over ln x is 0.0309, at x = 0.93. The gap delta enters as ``1/2 ln delta``; two values of ln delta come closer with each
    convolution.

    Args:
        proxy: the proxy of the score.
    """

    slope_of_excess = 0.031
    slope_of_gap = 0.5

    def __init__(self, proxy: ZenClosedForm) -> None:
        self._running = proxy.bn_variance == "running"
        self._gamma = proxy.gamma
        self._joined: dict[tuple[str, int, int, Place], Geometry] = {}

    def first_key(self, unit: UnitRow, place: Place) -> tuple[float, ...]:
        """Return S1 and S2 of the convolution, and whether it reads the image."""
        power, square, _ = unit_geometry(unit.unit, place.size, _reads(place)).sums[0]
        return power, square, float(place.reads_image)

    def first_gain(self, unit: UnitRow, place: Place, fan_in: Ints, levels: Ints) -> Floats:
        """Return 1/2 ln v of the first convolution, shape (widths, levels)."""
        sums = unit_geometry(unit.unit, place.size, _reads(place)).sums[0]
        return self._half_log(fan_in[:, None] * _per_channel(sums, _centre(levels))[None, :])

    def gains(
        self,
        first: Sequence[UnitRow],
        later: Sequence[UnitRow],
        place: Place,
        levels: Ints,
        layers: int,
    ) -> list[Gain]:
        """Return the sums of 1/2 ln v, and how the excess grows, for 1, 2, ... ``layers`` sub-layers."""
        blocks = len(first[0].convs[0].out)
        start = np.zeros(len(levels)) if place.reads_image else _centre(levels)
        excess = np.broadcast_to(start, (blocks, len(levels)))
        score = np.zeros((blocks, len(levels)))
        grows, adds = np.ones(blocks), np.zeros(blocks)
        size, reads = place.size, _reads(place)
        # At unlimited excess the flatness is constant, so every later sub-layer gains the same.
        saturated = bool(len(levels)) and levels.min() >= _SATURATED and not place.reads_image
        repeated: Floats | None = None
        growths = [_growth(unit) for unit in first], [_growth(unit) for unit in later] if layers > 1 else []
        found = []
        for layer in range(layers):
            before = score
            for unit, growth in zip(later if layer else first, growths[layer > 0], strict=True):
                geometry = unit_geometry(unit.unit, size, reads)
                if repeated is None and len(levels):
                    inside = _centre((excess * EXCESS_LEVELS).astype(np.int64)) if layer or unit is not first[0] else excess
                    for row, sums, (grows_by, fresh) in zip(unit.convs, geometry.sums, growth.convs, strict=True):
                        if row.fan_in is not None:
                            score = score + self._half_log(row.fan_in[:, None] * _per_channel(sums, inside))
                        inside = grows_by[:, None] * inside + fresh[:, None]
                    excess = growth.grows[:, None] * excess + growth.adds[:, None]
                grows, adds = grows * growth.grows, growth.grows * adds + growth.adds
                size, reads = geometry.resolution, _reads_of(unit.unit)
            if repeated is not None:
                score = score + repeated
            elif saturated and layer == 1:
                repeated = score - before
            found.append(Gain(score, grows, adds))
        return found

    def end(self, widths: Ints, excess: Floats) -> Floats:
        """Return ln C + 1/2 ln (f / pi)."""
        return np.log(widths)[:, None] + 0.5 * np.log(_flatness(excess) / math.pi)[None, :]

    def end_of(self, widths: Ints, excess: Floats) -> Floats:
        """Return :meth:`end` for pairs of a width and an excess."""
        term: Floats = np.log(widths) + 0.5 * np.log(_flatness(excess) / math.pi)
        return term

    @property
    def first_gap(self) -> float:
        """One minus the correlation of the two images."""
        return 1 - 1 / math.sqrt(1 + self._gamma**2)

    def gap_after(self, name: str, layers: int, stride: int, place: Place, gap: float) -> float:
        """Return one minus the correlation of the two outputs of a block."""
        return self._geometry(name, layers, stride, place).grow(gap)

    def last_term(self, name: str, layers: int, stride: int, place: Place, gap: float) -> float:
        """Return ln(H W a^2) + 1/2 ln delta."""
        geometry = self._geometry(name, layers, stride, place)
        # E|u - u'| of two normals is twice that of their relus.
        linear = 0.0 if ends_in_relu(name) else math.log(2)
        return math.log((geometry.resolution * geometry.amplitude) ** 2) + 0.5 * math.log(gap) + linear

    def _half_log(self, variance: Floats) -> Floats:
        return 0.5 * np.log(0.81 + 0.19 * variance if self._running else variance)

    def _geometry(self, name: str, layers: int, stride: int, place: Place) -> Geometry:
        key = name, layers, stride, place
        known = self._joined.get(key)
        if known is None:
            size, reads, parts = place.size, _reads(place), []
            for unit in example_block(name, stride, layers).units:
                parts.append(unit_geometry(unit, size, reads))
                size, reads = parts[-1].resolution, _reads_of(unit)
            known = self._joined[key] = join(tuple(parts))
        return known


class _Growth(NamedTuple):
    """How the excess grows in a unit: ``grows * x + adds``, and the same for each of its convolutions."""

    grows: Floats
    adds: Floats
    convs: list[tuple[Floats, Floats]]


def _growth(unit: UnitRow) -> _Growth:
    grows, adds, convs = np.ones(len(unit.convs[0].out)), np.zeros(len(unit.convs[0].out)), []
    for row in unit.convs:
        growth, fresh = 1 + EXCESS_GAIN / np.sqrt(row.out), EXCESS_NOISE / row.out
        grows, adds = growth * grows, growth * adds + fresh
        convs.append((growth, fresh))
    return _Growth(grows, adds, convs)


_SATURATED = 1_000_000 * EXCESS_LEVELS
_WITHOUT_LIMIT = 1e9
"""Levels from the closed form's largest excess upwards stand for any larger excess; its flatness is that of this one, to
1e-9."""


def _per_channel(sums: Sums, excess: Floats) -> Floats:
    """Return the variance for each input channel."""
    power, square, rectified = sums
    if not rectified:
        return np.full_like(excess, power)
    return power / 2 - _flatness(excess) * square / (2 * math.pi)


def _reads(place: Place) -> Reads:
    """Return the kind of input of a block."""
    if place.reads_image:
        return Reads.IMAGE
    return Reads.RELU if place.rectified else Reads.LINEAR


def _reads_of(unit: Unit) -> Reads:
    """Return the kind of input that a unit hands on."""
    return Reads.RELU if unit.backbone[-1].relu else Reads.LINEAR


def _centre(levels: Ints) -> Floats:
    return np.where(levels >= _SATURATED, _WITHOUT_LIMIT, (levels + 0.5) / EXCESS_LEVELS)


def _flatness(excess: Floats) -> Floats:
    flatness: Floats = 1 - 0.25 * excess / (1 + 1.15 * excess)
    return flatness
