"""The calibrated score in arrays: the same sums as proxy/stages.py, for many blocks at once."""

import math
from collections.abc import Sequence

import numpy as np

from zen_lightning.arch import Conv
from zen_lightning.proxy.calibration import depth_worth
from zen_lightning.proxy.layers import LINEAR, RECTIFIED, taps_inside, units_by_layer
from zen_lightning.proxy.stages import BRIDGE
from zen_lightning.proxy.zen_calibrated import ZenCalibrated, aligned
from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.chain import Chain, NoTablesError
from zen_lightning.search.exact.means.score import Counts, StageMeans, Totals
from zen_lightning.search.exact.rows import UnitRow, ends_in_relu, example_block
from zen_lightning.search.exact.score import Gain, Place


class CalibratedTables(StageMeans):
    """The tables of :class:`~zen_lightning.proxy.zen_calibrated.ZenCalibrated`.

    Args:
        proxy: the proxy of the score.
        chain: the networks, which all have the same stages.

    Raises:
        NoTablesError: a block belongs to several stages.
    """

    def __init__(self, proxy: ZenCalibrated, chain: Chain) -> None:
        for move in chain.steps:
            for name in move.names:
                _check_one_stage(name, move.stride, move.place.size)
        last = chain.steps[-1]
        stages = last.place.stage + 1
        chosen = proxy.chosen
        self._aligned = aligned(chosen, stages)
        size = -(-last.place.size // last.stride)
        self._constant = chosen.constant + self._aligned.full * math.log(size)
        self._rectified = ends_in_relu(last.names[0])
        self._gated = any(self._aligned.gate)

    def coefficient(self, stage: int, weight: int) -> float:
        """Return the weight of the stage's mean gain over the sum of its layers' weights."""
        return self._aligned.width[stage] * self._aligned.full / (self._aligned.total * weight)

    def worth(self, stage: int, totals: Totals) -> float:
        """Return what its depth and its squeeze-and-excitations are worth."""
        worth = self._aligned.depth[stage] * depth_worth(totals.units)
        return worth + self._aligned.gate[stage] * totals.gates / totals.units

    @property
    def constant(self) -> float:
        """The constant of the fit, and the height of the last feature map."""
        return self._constant

    @property
    def closing_weight(self) -> int:
        """Weight of the classifier: nothing leads around it."""
        return int(BRIDGE)

    def closing(self, widths: Ints) -> Floats:
        """Return the weighted gain of the classifier."""
        return BRIDGE * _gain(widths, 1.0, self._rectified)

    def first_key(self, unit: UnitRow, place: Place) -> tuple[float, ...]:
        """Return taps, and the weight of the layer."""
        row = unit.convs[0]
        rectified = place.rectified and not place.reads_image
        return _taps(row.conv, place.size), float(rectified or row.conv.relu_first), 1.0 if unit.identity is True else BRIDGE

    def first_gain(self, unit: UnitRow, place: Place, fan_in: Ints, levels: Ints) -> Floats:
        """Return the weighted gain of the first convolution, shape (widths, levels)."""
        taps, rectified, weight = self.first_key(unit, place)
        gain = weight * _gain(fan_in, taps, bool(rectified))
        return np.broadcast_to(gain[:, None], (len(fan_in), len(levels)))

    def gains(self, first: Sequence[UnitRow], later: Sequence[UnitRow], place: Place, levels: Ints, layers: int) -> list[Gain]:
        """Return the weighted gains of blocks of 1, 2, ... ``layers`` sub-layers.

        There is no excess. ``adds`` holds the gates, which are worth something, so that no block with some is taken for one
        without.
        """
        blocks = len(first[0].convs[0].out)
        size, rectified = place.size, place.rectified and not place.reads_image
        score, found = np.zeros(blocks), []
        for layer, counts in enumerate(self.counts(first, later, place, layers)):
            for unit in later if layer else first:
                gain = np.zeros(blocks)
                for row in unit.convs:
                    if row.fan_in is not None:
                        gain = gain + _gain(row.fan_in, _taps(row.conv, size), rectified or row.conv.relu_first)
                    size, rectified = row.conv.output_size(size), row.conv.relu
                score = score + _weights(unit, blocks) * gain
            found.append(
                Gain(np.broadcast_to(score[:, None], (blocks, len(levels))), np.ones(blocks), counts.gates.astype(np.float64))
            )
        return found

    def counts(self, first: Sequence[UnitRow], later: Sequence[UnitRow], place: Place, layers: int) -> list[Counts]:
        """Return layers, gates and weights of blocks of 1, 2, ... ``layers`` sub-layers."""
        blocks = len(first[0].convs[0].out)
        units = gates = weight = np.zeros(blocks, np.int64)
        found = []
        for layer in range(layers):
            for unit in later if layer else first:
                units, weight = units + 1, weight + _weights(unit, blocks)
                if self._gated and any(row.gate is not None for row in unit.convs):
                    gates = gates + 1
            found.append(Counts(units, gates, weight))
        return found


def _check_one_stage(name: str, stride: int, size: int) -> None:
    """Raise a NoTablesError unless each unit of a block is one layer, all of one stage."""
    block = example_block(name, stride)
    if any(len(group) > 1 for group in units_by_layer(block.units)):
        raise NoTablesError(f"convolutions of {name} are counted together as one layer, which no table states", key="space")
    sizes = set()
    for unit in block.units:
        for conv in unit.backbone:
            size = conv.output_size(size)
        sizes.add(size)
    if len(sizes) > 1:
        raise NoTablesError(f"the block {name} is part of several stages", key="space")


def _weights(unit: UnitRow, blocks: int) -> Ints:
    """Return the weight of a layer of each block: 1 where it has an identity shortcut."""
    weights: Ints = np.where(np.broadcast_to(unit.identity, (blocks,)), 1, int(BRIDGE))
    return weights


def _taps(conv: Conv, size: int) -> float:
    """Return the factor of a convolution's fan-in, as :func:`~zen_lightning.proxy.layers.layers_of` counts taps."""
    taps = taps_inside(conv.kernel_size, size)
    return taps**2 if conv.groups > 1 else taps


def _gain(fan_in: Ints, taps: float, rectified: bool) -> Floats:
    """Return ``width_gain`` of many widths."""
    gain: Floats = 0.5 * np.log(0.81 + 0.19 * taps * (RECTIFIED if rectified else LINEAR) * fan_in)
    return gain
