"""The largest memory of blocks, as a limit on what may arrive: arch/liveness.py for many blocks at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zen_lightning.arch.primitives import Residual
from zen_lightning.search.exact.arrays import Bools, Ints
from zen_lightning.search.exact.chain import NoTablesError
from zen_lightning.search.exact.rows import ConvRow, UnitRow

_ANY = np.iinfo(np.int64).max // 4
"""Any input: more channels than there are."""

_NONE = -1
"""No input: even without one the block exceeds the limit."""


class WidestInputs(NamedTuple):
    """The largest input channels with which blocks keep to a limit; -1 where no input does.

    Attributes:
        one: of blocks of one sub-layer.
        several: of blocks of two or more, of which all later ones need the same memory.
    """

    one: Ints
    several: Ints


def widest_inputs(first: Sequence[UnitRow], later: Sequence[UnitRow], size: int, limit: float) -> WidestInputs:
    """Return the largest input channels with which blocks need at most so many elements at once.

    Args:
        first: units of the first sub-layer.
        later: units of each later one.
        size: height and width of the input.
        limit: the most elements alive at once.
    """
    arrives: Ints | None = None
    one = np.full_like(first[0].convs[0].out, _ANY)
    for unit in first:
        one = np.minimum(one, _widest(unit, arrives, size, limit))
        arrives, size = unit.convs[-1].out, _leaves(unit, size)
    several = one
    for unit in later:
        assert arrives is not None
        several = np.minimum(several, _widest(unit, arrives, size, limit))
        arrives, size = unit.convs[-1].out, _leaves(unit, size)
    return WidestInputs(one, several)


def classifier_fits(channels: Ints, size: int, num_classes: int, limit: float) -> Bools:
    """Return for which widths of the last feature map pooling and classifier keep to a limit."""
    fits: Bools = np.maximum(channels * size**2 + channels, channels + num_classes) <= limit
    return fits


def _leaves(unit: UnitRow, size: int) -> int:
    for row in unit.convs:
        size = row.conv.output_size(size)
    return size


def _widest(unit: UnitRow, arrives: Ints | None, size: int, limit: float) -> Ints:
    """Return the widest input of a unit; where its input is known, any or none."""
    always, with_input = _most_alive(unit, size)
    if arrives is not None:
        return np.where(np.maximum(always, with_input + arrives * size**2) <= limit, _ANY, _NONE)
    room = np.floor((limit - with_input) / size**2).astype(np.int64)
    return np.where(always <= limit, np.maximum(room, _NONE), _NONE)


def _most_alive(unit: UnitRow, size: int) -> tuple[Ints, Ints]:
    """Return the most elements alive while the input is not, and the most besides the input while it is."""
    if any(row.conv.relu_first for row in unit.convs):
        raise NoTablesError("the memory of blocks with pre-activation states no tables", key="space")
    none = _alive(unit, size, projected=False)
    if unit.projection is None or unit.projected is False:
        return none
    all_of_them = _alive(unit, size, projected=True)
    if unit.projected is True:
        return all_of_them
    return np.where(unit.projected, all_of_them[0], none[0]), np.where(unit.projected, all_of_them[1], none[1])


def _alive(unit: UnitRow, size: int, projected: bool) -> tuple[Ints, Ints]:
    """Follow the steps of one unit, as :func:`zen_lightning.arch.liveness.most_alive` does."""
    sizes: list[Ints] = [np.zeros_like(unit.convs[0].out)]  # The input is counted apart.
    reads: list[tuple[int, ...]] = []
    pointwise: list[bool] = []
    arriving = size

    def step(elements: Ints, *read: int, in_place: bool = False) -> None:
        sizes.append(elements)
        reads.append(read)
        pointwise.append(in_place)

    def add(row: ConvRow, source: int, size: int) -> None:
        elements = row.out * row.conv.output_size(size) ** 2
        step(elements, source)
        if row.gate is not None:
            features = len(sizes) - 1
            step(row.out, features)
            step(row.gate, features + 1)
            step(row.out, features + 2)
            step(elements, features, features + 3, in_place=True)

    for row in unit.convs:
        add(row, len(sizes) - 1, size)
        size = row.conv.output_size(size)
    if isinstance(unit.unit, Residual) and unit.unit.shortcut:
        body, added = len(sizes) - 1, 0
        if projected and unit.projection is not None:
            add(unit.projection, 0, arriving)
            added = len(sizes) - 1
        step(sizes[body], body, added, in_place=True)
    return _followed(sizes, reads, pointwise)


def _followed(sizes: list[Ints], reads: list[tuple[int, ...]], pointwise: list[bool]) -> tuple[Ints, Ints]:
    last = {read: number for number, those in enumerate(reads, start=1) for read in those}
    last[len(reads)] = len(reads) + 1
    alive = np.zeros_like(sizes[0])
    always, with_input = np.zeros_like(alive), np.zeros_like(alive)
    for number, those in enumerate(reads, start=1):
        ending = [read for read in dict.fromkeys(those) if last[read] == number]
        made = sizes[number]
        # Replaced in place is a map of the same size: the body's output by a sum, the features by what a gate makes of them.
        replaced = next((read for read in ending if read and np.array_equal(sizes[read], made)), None)
        if pointwise[number - 1] and replaced is not None:
            ending.remove(replaced)
        else:
            replaced = None
            alive = alive + made
        if number <= last.get(0, 0):
            with_input = np.maximum(with_input, alive)
        else:
            always = np.maximum(always, alive)
        alive = alive - sum(sizes[read] for read in ending)
        if number not in last:
            alive = alive - made
    return always, with_input
