"""Exact costs of many blocks: a part proportional to the input width, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from zen_lightning.budget import FlopsLimit, ParamsLimit
from zen_lightning.search.exact.arrays import Ints
from zen_lightning.search.exact.rows import ConvRow, UnitRow


@dataclass(frozen=True)
class Cost:
    """A cost that is limited.

    Attributes:
        name: ``params`` or ``flops``.
        maximum: its limit.
        classifier: cost of the classifier for each of its input channels.
        constant: cost that every network has.
    """

    name: str
    maximum: float
    classifier: int
    constant: int


class Priced(NamedTuple):
    """The costs of blocks: ``slope * input width + rest``.

    Attributes:
        slope: slope of each block.
        rest: rest of each block.
    """

    slope: Ints
    rest: Ints


def price(name: str, first: Sequence[UnitRow], later: Sequence[UnitRow], size: int, layers: int) -> list[Priced]:
    """Return the costs of blocks of 1, 2, ... ``layers`` sub-layers.

    Args:
        name: name of the cost.
        first: units of the first sub-layer.
        later: units of each later one.
        size: height and width of the input.
        layers: the largest number of sub-layers.
    """
    slope, rest, size = _price_units(name, first, size)
    priced = [Priced(slope, rest)]
    if layers > 1:
        _, more, _ = _price_units(name, later, size)
        for _ in range(layers - 1):
            rest = rest + more
            priced.append(Priced(slope, rest))
    return priced


def _price_units(name: str, rows: Sequence[UnitRow], size: int) -> tuple[Ints, Ints, int]:
    out = rows[0].convs[0].out
    slope, rest = np.zeros_like(out), np.zeros_like(out)
    for unit in rows:
        if unit.projection is not None:
            at_width, fixed = _price_conv(name, unit.projection, size, shortcut=True)
            slope = slope + at_width * unit.projected
            rest = rest + fixed * unit.projected
        for row in unit.convs:
            at_width, fixed = _price_conv(name, row, size)
            slope, rest = slope + at_width, rest + fixed
            size = row.conv.output_size(size)
    return slope, rest, size


def _price_conv(name: str, row: ConvRow, size: int, shortcut: bool = False) -> tuple[Ints, Ints]:
    """Return the cost of a convolution for each input channel of the block, and the rest of its cost."""
    zero = np.zeros_like(row.out)
    area = row.conv.kernel_size**2
    positions = row.conv.output_size(size) ** 2
    fixed = zero
    if name == ParamsLimit.name:
        weights, fixed = row.out * area, row.out * (3 if row.conv.bias else 2)
    elif name == FlopsLimit.name:
        weights = row.out * (area * positions)
    else:
        raise ValueError(f"no cost is called {name!r}")
    return (weights, fixed) if row.fan_in is None else (zero, weights * row.fan_in + fixed)
