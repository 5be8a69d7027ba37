"""DeepMAD's weighted entropy in arrays: the same products as proxy/deepmad.py, for many blocks at once."""

import math
from collections.abc import Sequence

import numpy as np

from zen_lightning.arch.primitives import Conv
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.entropy_stages import aligned_weights
from zen_lightning.search.exact.arrays import Bools, Floats, Ints, Numbers
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.entropy import stage_sizes
from zen_lightning.search.exact.rows import ConvRow, UnitRow
from zen_lightning.search.exact.score import AdditiveScore, Gain, Place
from zen_lightning.search.exact.shape_costs import convolutions_of

_TYPICAL_WIDTH = 64
"""Channels at the end of stages of which the scale is made. A choice: it changes margins a little, and no result."""

_ROUNDING = 1e-6
"""Subtracted from the least S. A choice: more than sums in another order differ by."""


class DeepMadTables(AdditiveScore):
    """The tables of :class:`~zen_lightning.proxy.deepmad.DeepMad`.

    Stage k adds ``w_k ln(r^2 c) S`` to the score, with S the sum of ln of the widths of all convolutions up to its end, of c
    channels. The state is ``x = S + ln(channels)``: a block adds the same to it whatever its input width is, as the width that
    its first convolution reads is already there. What a stage gains is linear in x, with a slope that depends on c. Of the
    limit on depth over width they know a least S at the end; that it is kept is a cost, see
    :func:`~zen_lightning.search.exact.shape_costs.depth_costs`.

    Args:
        proxy: the proxy of the score.
        chain: the networks, which all have the same stages.

    Raises:
        NoTablesError: blocks of one place have different stages.
    """

    is_linear = True

    def __init__(self, proxy: DeepMad, chain: Chain) -> None:
        sizes = stage_sizes(chain)
        weights = aligned_weights(len(sizes), proxy.stage_weights)
        # Divided by what one more in S is worth from the first stage on, scores are about the sum S of the network.
        self.scale = sum(w * math.log(size**2 * _TYPICAL_WIDTH) for size, w in zip(sizes, weights, strict=True)) or 1.0
        self._weights = {size: weight / self.scale for size, weight in zip(sizes, weights, strict=True)}
        self._last = sizes[-1]
        self._image_channels = chain.image_channels
        self._rho = proxy.rho
        self._fixed, self._fixed_layers, each = convolutions_of(chain)
        self._each = min(each, default=0)

    def first_key(self, unit: UnitRow, place: Place) -> tuple[float, ...]:
        """Return whether the convolution begins a stage."""
        return (float(self._begins(unit.convs[0].conv, place.size) and not place.reads_image),)

    def first_gain(self, unit: UnitRow, place: Place, fan_in: Ints, levels: Numbers) -> Floats:
        """Return the gain of the stage that the first convolution ends, if it begins another, shape (widths, levels)."""
        if not self.first_key(unit, place)[0]:
            return np.zeros((len(fan_in), len(levels)))
        gain: Floats = self._of_stage(place.size, fan_in)[:, None] * (levels[None, :] - np.log(fan_in)[:, None])
        return gain

    def gains(
        self, first: Sequence[UnitRow], later: Sequence[UnitRow], place: Place, levels: Numbers, layers: int
    ) -> list[Gain]:
        """Return the gains of blocks of 1, 2, ... ``layers`` sub-layers, and what they add to x."""
        blocks = len(first[0].convs[0].out)
        gain, slope, size = np.zeros(blocks), np.zeros(blocks), place.size
        row = first[0].convs[0]
        arrives = np.full(blocks, self._image_channels) if place.reads_image else _read_by(row)
        # S less x, before the next convolution; as long as the channels that arrive are unknown, their ln is left out of both.
        beyond = np.zeros(blocks) if place.reads_image or arrives is None else -np.log(arrives)
        found = []
        for layer in range(layers):
            for row in (conv for unit in (later if layer else first) for conv in unit.convs):
                is_first = not layer and row is first[0].convs[0]
                if self._begins(row.conv, size) and arrives is not None and not (is_first and place.reads_image):
                    worth = self._of_stage(size, arrives)
                    gain, slope = gain + worth * beyond, slope + worth
                if row.fan_in is not None:
                    beyond = beyond + np.log(row.fan_in)
                elif place.reads_image:
                    beyond = beyond + math.log(self._image_channels)
                beyond = beyond + math.log(row.conv.kernel_size**2)
                arrives, size = row.out, row.conv.output_size(size)
            assert arrives is not None
            found.append(Gain(gain[:, None] + slope[:, None] * levels[None, :], np.ones(blocks), beyond + np.log(arrives)))
        return found

    def end(self, widths: Ints, excess: Floats) -> Floats:
        """Return the gain of the last stage, shape (widths, excess)."""
        return self._of_stage(self._last, widths)[:, None] * (excess[None, :] - np.log(widths)[:, None])

    def end_of(self, widths: Ints, excess: Floats) -> Floats:
        """Return :meth:`end` for pairs of a width and an excess."""
        return self._of_stage(self._last, widths) * (excess - np.log(widths))

    @property
    def has_least_end(self) -> bool:
        """Whether depth over width is limited."""
        return self._rho is not None

    def may_end(self, widths: Ints, excess: Floats, layers: int) -> Bools:
        """Return whether S is at least N ln(N / rho), with the fewest convolutions N that so many layers can have."""
        assert self._rho is not None
        # Of N from rho / e on, the bound rises.
        fewest = max(self._fixed + self._each * (layers - self._fixed_layers), self._rho / math.e)
        allowed: Bools = excess[None, :] - np.log(widths)[:, None] >= fewest * math.log(fewest / self._rho) - _ROUNDING
        return allowed

    def _begins(self, conv: Conv, size: int) -> bool:
        return conv.output_size(size) != size

    def _of_stage(self, size: int, channels: Ints) -> Floats:
        """Return the weight of a stage times ln(r^2 c)."""
        worth: Floats = self._weights[size] * np.log(size**2 * channels)
        return worth


def _read_by(row: ConvRow) -> Ints | None:
    """Return the channels that a first convolution reads; None where tables do not state them."""
    if row.fan_in is None or row.conv.groups == 1:
        return row.fan_in
    return row.out if row.conv.groups == row.conv.in_channels else row.fan_in * row.conv.groups
