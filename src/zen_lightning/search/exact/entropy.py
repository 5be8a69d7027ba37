"""TinyNAS' multi-scale entropy in arrays: the same sums as proxy/entropy_stages.py, for many blocks at once."""

from collections.abc import Sequence

import numpy as np

from zen_lightning.arch.primitives import Conv
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.proxy.entropy_stages import aligned_weights
from zen_lightning.proxy.layers import LINEAR, RECTIFIED
from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.chain import Chain, NoTablesError
from zen_lightning.search.exact.rows import UnitRow, example_block
from zen_lightning.search.exact.score import AdditiveScore, Gain, Place


class EntropyTables(AdditiveScore):
    """The tables of :class:`~zen_lightning.proxy.entropy.MultiScaleEntropy`.

    A convolution of stage s adds 1/2 ln(variance) to the entropy of s and of every later stage, so it gains that times the sum
    of their weights. A convolution that begins a stage also ends the one before: it gains the weight of that one times ln of
    the channels that it reads. There is no state, and no part due to kernels and sizes.

    Args:
        proxy: the proxy of the score.
        chain: the networks, which all have the same stages.

    Raises:
        NoTablesError: blocks of one place have different stages.
    """

    def __init__(self, proxy: MultiScaleEntropy, chain: Chain) -> None:
        sizes = stage_sizes(chain)
        weights = aligned_weights(len(sizes), proxy.stage_weights)
        self._own = dict(zip(sizes, weights, strict=True))
        self._from = {size: sum(weights[number:]) for number, size in enumerate(sizes)}
        self._last = weights[-1]

    def first_gain(self, unit: UnitRow, place: Place, fan_in: Ints, levels: Ints) -> Floats:
        """Return the gain of the first convolution, and of the stage that it ends, shape (widths, levels)."""
        conv = unit.convs[0].conv
        gain = self._gain(conv, fan_in, place.size, place.rectified)
        if not place.reads_image:
            gain = gain + self._end_before(conv, fan_in, place.size)
        return np.broadcast_to(gain[:, None], (len(fan_in), len(levels)))

    def first_key(self, unit: UnitRow, place: Place) -> tuple[float, ...]:
        """Return kernel and output size of the convolution; what it reads is the same at one place."""
        conv = unit.convs[0].conv
        return float(conv.kernel_size), float(conv.output_size(place.size))

    def gains(self, first: Sequence[UnitRow], later: Sequence[UnitRow], place: Place, levels: Ints, layers: int) -> list[Gain]:
        """Return the gains of blocks of 1, 2, ... ``layers`` sub-layers; the state stays as it is."""
        blocks = len(first[0].convs[0].out)
        score, size, rectified = np.zeros(blocks), place.size, place.rectified
        arrives: Ints | None = None
        found = []
        for layer in range(layers):
            for row in (conv for unit in (later if layer else first) for conv in unit.convs):
                if row.fan_in is not None:
                    score = score + self._gain(row.conv, row.fan_in, size, rectified)
                    if arrives is None:
                        # A depthwise convolution, which reads one channel, has as many outputs as inputs.
                        arrives = row.fan_in if row.conv.groups == 1 else row.out
                    if layer or row is not first[0].convs[0] or not place.reads_image:
                        score = score + self._end_before(row.conv, arrives, size)
                arrives, size, rectified = row.out, row.conv.output_size(size), row.conv.relu
            gain = np.broadcast_to(score[:, None], (blocks, len(levels)))
            found.append(Gain(gain, np.ones(blocks), np.zeros(blocks)))
        return found

    def _gain(self, conv: Conv, fan_in: Ints, size: int, rectified: bool) -> Floats:
        """Return 1/2 ln of the variance times the weights of the stages that it counts for."""
        variance = fan_in * conv.kernel_size**2 * (RECTIFIED if rectified or conv.relu_first else LINEAR)
        gain: Floats = self._from[conv.output_size(size)] * 0.5 * np.log(variance)
        return gain

    def _end_before(self, conv: Conv, channels: Ints, size: int) -> Floats:
        """Return the weight of the stage before times ln of its channels, if a convolution begins another."""
        weight = self._own[size] if conv.output_size(size) != size else 0.0
        ended: Floats = weight * np.log(channels)
        return ended

    def end(self, widths: Ints, excess: Floats) -> Floats:
        """Return the weight of the last stage times ln of its channels."""
        return np.broadcast_to(self.end_of(widths, excess)[:, None], (len(widths), len(excess)))

    def end_of(self, widths: Ints, excess: Floats) -> Floats:
        """Return :meth:`end` for pairs of a width and an excess."""
        term: Floats = self._last * np.log(widths)
        return term


def stage_sizes(chain: Chain) -> list[int]:
    """Return the height of each stage of the entropies, which every convolution that changes it begins.

    Raises:
        NoTablesError: blocks of one place have different stages.
    """
    sizes: list[int] = []
    for move in chain.steps:
        arriving = () if move.place.reads_image else (move.place.size,)
        distinct = {(*arriving, *_outputs(name, move.stride, move.place.size)) for name in move.names}
        distinct = {tuple(sorted(set(found), reverse=True)) for found in distinct}
        if len(distinct) > 1:
            raise NoTablesError(f"the blocks {', '.join(move.names)} of one place have different stages", key="space")
        sizes += [size for size in distinct.pop() if size not in sizes]
    return sizes


def _outputs(name: str, stride: int, size: int) -> tuple[int, ...]:
    sizes: list[int] = []
    for conv in (conv for unit in example_block(name, stride, 1).units for conv in unit.backbone):
        size = conv.output_size(size)
        sizes.append(size)
    return tuple(sizes)
