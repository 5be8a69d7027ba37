"""Exact costs of many blocks: a part proportional to the input width, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from zen_lightning.arch import Conv, Residual
from zen_lightning.budget import FlopsLimit, ParamsLimit
from zen_lightning.search.exact.arrays import Ints
from zen_lightning.search.exact.rows import ConvRow, UnitRow

CONVOLUTIONS = "convolutions"
LOG_WIDTH = "log_width"
"""Names of what depth over width is made of, budget/stages.effectiveness: convolutions, and minus the sum of ln of their
widths. Neither has a limit of its own."""

LOG_UNIT = 10_000_000
"""Logarithms are counted in integers of this part of one. A choice: a hundred convolutions are then exact to 1e-5."""


UNREACHED = 10**15
"""Cost of an operation that nothing is known of: more than any limit, and few enough that a thousand can be added."""


class Times(Protocol):
    """Costs of operations that are no products of widths, as integers."""

    def conv(self, conv: Conv, arrives: Ints, leaves: Ints, size: int, gated: bool = False) -> Ints:
        """Return the cost of convolutions with what follows each, from input and output channels and the input's height."""

    def add(self, channels: Ints, size: int) -> Ints:
        """Return the cost of additions of shortcuts."""

    def head(self, channels: Ints, size: int) -> Ints:
        """Return the cost of classifiers."""


@dataclass(frozen=True)
class Cost:
    """A cost that is limited.

    Attributes:
        name: ``params`` or ``flops``, or another that :func:`price` knows.
        maximum: its limit.
        classifier: cost of the classifier for each of its input channels.
        constant: cost that every network has.
        signed: whether blocks may lower it, so that only a complete network can be said to exceed the limit.
        limited: whether there is a limit; if not, it is only counted.
        factors: for each stage, what the cost of its blocks is multiplied by, and last for blocks of no stage; empty for no
            factors.
        tangent: cost of a convolution beside its logarithm, for depth over width.
        scale: size of the cost for a first guess of its price; 0 for the limit less the constant.
        relief: how much each unit of the cost ``relieved_by`` that is still to come lowers it at most; 0 where nothing says so.
        relieved_by: name of that cost.
        label: what results call it; empty for its name.
        reach: blocks are considered that cost up to so many times the limit, so that what prices say also holds for networks up
            to there.
        times: costs of operations; None where costs are products of widths.
        last_size: height and width of the last feature map, for ``times``.
        unit: what one of the cost's integers is, as the limit is given.
    """

    name: str
    maximum: float
    classifier: int
    constant: int
    signed: bool = False
    limited: bool = True
    factors: tuple[int, ...] = ()
    tangent: int = 0
    scale: float = 0.0
    relief: int = 0
    relieved_by: str = ""
    label: str = ""
    reach: float = 1.0
    times: Times | None = None
    last_size: int = 0
    unit: float = 1.0

    def of_classifier(self, widths: Ints) -> Ints:
        """Return the cost of the classifier behind so many channels each."""
        if self.times is not None:
            return self.times.head(widths, self.last_size)
        return widths * self.classifier

    @property
    def is_logarithmic(self) -> bool:
        """Whether it depends on the logarithm of the input width, not on the width."""
        return self.name == LOG_WIDTH

    def read(self, widths: Ints) -> Ints:
        """Return input widths as the cost reads them: what ``slope`` multiplies."""
        return logarithms(widths) if self.is_logarithmic else widths

    def factor(self, stage: int | None) -> int:
        """Return what costs of blocks of a stage are multiplied by."""
        if not self.factors:
            return 1
        return self.factors[-1 if stage is None else stage]


def logarithms(widths: Ints) -> Ints:
    """Return natural logarithms in units of 1 / LOG_UNIT.

    Example:
        >>> logarithms(np.array([1, 8])).tolist()
        [0, 20794415]
    """
    found: Ints = np.rint(LOG_UNIT * np.log(widths)).astype(np.int64)
    return found


class Priced(NamedTuple):
    """The costs of blocks: ``slope * input width + rest``.

    Attributes:
        slope: slope of each block.
        rest: rest of each block.
    """

    slope: Ints
    rest: Ints


def price(
    cost: Cost, first: Sequence[UnitRow], later: Sequence[UnitRow], size: int, layers: int, stage: int | None
) -> list[Priced]:
    """Return the costs of blocks of 1, 2, ... ``layers`` sub-layers.

    Args:
        cost: the cost.
        first: units of the first sub-layer.
        later: units of each later one.
        size: height and width of the input.
        layers: the largest number of sub-layers.
        stage: number of the blocks' stage; None outside of stages.
    """
    if cost.times is not None:
        return _times_of_blocks(cost.times, first, later, size, layers)
    factor = cost.factor(stage)
    slope, rest, size = _price_units(cost, first, size)
    slope, rest = factor * slope, factor * rest
    priced = [Priced(slope, rest)]
    if layers > 1:
        _, more, _ = _price_units(cost, later, size)
        more = factor * more
        for _ in range(layers - 1):
            rest = rest + more
            priced.append(Priced(slope, rest))
    return priced


def _price_units(cost: Cost, rows: Sequence[UnitRow], size: int) -> tuple[Ints, Ints, int]:
    out = rows[0].convs[0].out
    slope, rest = np.zeros_like(out), np.zeros_like(out)
    for unit in rows:
        if unit.projection is not None:
            at_width, fixed = _price_conv(cost, unit.projection, size, shortcut=True)
            slope = slope + at_width * unit.projected
            rest = rest + fixed * unit.projected
        for row in unit.convs:
            at_width, fixed = _price_conv(cost, row, size)
            slope, rest = slope + at_width, rest + fixed
            size = row.conv.output_size(size)
    return slope, rest, size


def _price_conv(cost: Cost, row: ConvRow, size: int, shortcut: bool = False) -> tuple[Ints, Ints]:
    """Return the cost of a convolution for each input channel of the block, and the rest of its cost."""
    name = cost.name
    zero = np.zeros_like(row.out)
    area = row.conv.kernel_size**2
    positions = row.conv.output_size(size) ** 2
    fixed = zero
    if name == ParamsLimit.name:
        weights, fixed = row.out * area, row.out * (3 if row.conv.bias else 2)
        if row.gate is not None:
            fixed = fixed + 2 * row.out * row.gate + row.gate + row.out
    elif name == FlopsLimit.name:
        weights = row.out * (area * positions)
        if row.gate is not None:
            fixed = 2 * row.out * row.gate
    elif name == CONVOLUTIONS:
        return zero, zero if shortcut else zero + 1
    elif name == LOG_WIDTH:
        if shortcut:
            return zero, zero
        fixed = cost.tangent - logarithms(np.full_like(row.out, area))
        return (zero - 1, fixed) if row.fan_in is None else (zero, fixed - logarithms(row.fan_in))
    else:
        raise ValueError(f"no cost is called {name!r}")
    return (weights, fixed) if row.fan_in is None else (zero, weights * row.fan_in + fixed)


def _times_of_blocks(times: Times, first: Sequence[UnitRow], later: Sequence[UnitRow], size: int, layers: int) -> list[Priced]:
    """Return the times of blocks without what depends on their input width, see :func:`times_by_input`."""
    rest, size = _times_of_units(times, first, size)
    priced = [Priced(np.zeros_like(rest), rest)]
    if layers > 1:
        more, _ = _times_of_units(times, later, size)
        priced += [Priced(np.zeros_like(rest), rest + count * more) for count in range(1, layers)]
    return priced


def _times_of_units(times: Times, rows: Sequence[UnitRow], size: int) -> tuple[Ints, int]:
    total = np.zeros_like(rows[0].convs[0].out)
    for unit in rows:
        before, arrives = size, unit.convs[0].fan_in
        for row, conv in zip(unit.convs, _body(unit), strict=True):
            if arrives is not None or conv.groups > 1:
                total = total + times.conv(conv, row.out if arrives is None else arrives, row.out, size, row.gate is not None)
            arrives, size = row.out, conv.output_size(size)
        if unit.projection is not None and unit.projection.fan_in is not None:
            projected = times.conv(unit.projection.conv, unit.projection.fan_in, unit.projection.out, before)
            total = total + np.where(unit.projected, projected, 0)
        shortcut = np.logical_or(unit.identity, unit.projected if unit.projection is not None else False)
        total = total + np.where(shortcut, times.add(unit.convs[-1].out, size), 0)
    return total, size


def times_by_input(times: Times, unit: UnitRow, size: int, widths: Ints) -> list[tuple[Ints, Ints]]:
    """Return the times of the two convolutions that read the input of blocks, the second being the shortcut's.

    Args:
        times: costs of operations.
        unit: the first unit of the blocks.
        size: height and width of the input.
        widths: input channels.

    Returns:
        for each, which row of a table every block reads, shape (blocks,), and the table, shape (rows, widths).
    """
    found = []
    row = unit.convs[0]
    convs = [(_body(unit)[0], row.out, row.fan_in is None, row.gate is not None)]
    if unit.projection is not None:
        convs.append((unit.projection.conv, unit.projection.out, unit.projection.fan_in is None, False))
    for conv, out, reads_input, gated in convs:
        if not reads_input:
            continue
        leaves, which = np.unique(out, return_inverse=True)
        arrives = np.broadcast_to(widths, (len(leaves), len(widths)))
        table = times.conv(conv, arrives, np.broadcast_to(leaves[:, None], arrives.shape), size, gated)
        found.append((which.reshape(-1), table))
    none = np.zeros(len(row.out), np.int64), np.zeros((1, len(widths)), np.int64)
    return [*found, none, none][:2]


def _body(unit: UnitRow) -> Sequence[Conv]:
    """Return the convolutions of a unit itself: the relu after a shortcut is part of the addition."""
    return unit.unit.body if isinstance(unit.unit, Residual) else (unit.unit,)  # type: ignore[return-value]
