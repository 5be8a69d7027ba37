"""All blocks of a move in arrays: their costs, their gains, and the growth of the excess in them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Bools, Floats, Ints, Numbers
from zen_lightning.search.exact.chain import Move
from zen_lightning.search.exact.rows import UnitRow, unit_rows
from zen_lightning.search.exact.score import AdditiveScore, Place
from zen_lightning.search.exact.widths import Widths
from zen_lightning.search.time_limit import check_time


@dataclass(frozen=True)
class Firsts:
    """The kinds of first convolutions of a move's blocks, whose gain depends on the input width.

    Where blocks are stated for one input width each, the kinds are those widths: a block of another gains nothing there, and
    is not allowed.

    Attributes:
        units: a first unit of each kind.
        place: place of the move.
        inputs: input channels of each kind; None where a block may have any.
    """

    units: tuple[UnitRow, ...]
    place: Place
    inputs: Ints | None = None

    def gains(self, score: AdditiveScore, fan_in: Ints, levels: Numbers) -> Floats:
        """Return the gain of each, shape (kinds, widths, levels)."""
        if self.inputs is not None:
            gains = np.where(self.inputs[:, None] == fan_in, 0.0, NEVER)
            return np.broadcast_to(gains[:, :, None], (*gains.shape, len(levels)))
        return np.stack([score.first_gain(unit, self.place, fan_in, levels) for unit in self.units])


@dataclass(frozen=True)
class Lookup:
    """A part of a cost that depends on the input width in no simple way.

    Attributes:
        cost: number of the cost.
        which: row of the table for each shape, shape (B,).
        table: cost for each row and width, shape (rows, widths); of a block that reads the image, there is one width.
    """

    cost: int
    which: Ints
    table: Ints


@dataclass(frozen=True)
class Options:
    """Blocks of one move: ``B`` shapes, each with some numbers of sub-layers, ``P`` blocks in total.

    Attributes:
        move: the move of the blocks.
        name: number of the name in ``move.names`` for each shape, shape (B,).
        bottleneck: which of the widths, shape (B,); 0 where there is none. Where blocks are stated for one input width each
            (:attr:`Move.by_input`), it is that width.
        out: which of the widths, shape (B,).
        base: the shape of each block, shape (P,).
        layers: sub-layers of each block, shape (P,).
        slope: each cost for each input channel, shape (B, costs).
        rest: cost besides, shape (P, costs).
        grows: the input excess x becomes ``grows * x + adds``; shape (P,).
        adds: see ``grows``.
        first: the kind of first convolution of each shape, shape (B,).
        firsts: those kinds.
        widest: the largest input channels that a rule allows each block, shape (P,); None where no rule says so.
        lookups: costs that depend on the input width and are looked up.
        inputs: which widths may arrive at each shape, shape (B, widths); None where any may.
    """

    move: Move
    name: Ints
    bottleneck: Ints
    out: Ints
    base: Ints
    layers: Ints
    slope: Ints
    rest: Ints
    grows: Floats
    adds: Floats
    first: Ints
    firsts: Firsts
    widest: Ints | None = None
    lookups: tuple[Lookup, ...] = ()
    inputs: Bools | None = None

    def __len__(self) -> int:
        return len(self.base)

    @cached_property
    def outs(self) -> Ints:
        """Number of the output width of each block, shape (P,)."""
        return self.out[self.base]

    @cached_property
    def kinds(self) -> Ints:
        """Number of the name and the sub-layers of each block, shape (P,): name * (most sub-layers + 1) + sub-layers."""
        return self.name[self.base] * (self.move.layers + 1) + self.layers

    def keep(self, kept: Bools) -> "Options":
        """Return the blocks that are marked, and the shapes that these have."""
        used, base = renumbered(self.base[kept], len(self.out))
        shapes = {key: getattr(self, key)[used] for key in ("name", "bottleneck", "out", "slope", "first")}
        blocks = {key: getattr(self, key)[kept] for key in ("layers", "rest", "grows", "adds")}
        widest = None if self.widest is None else self.widest[kept]
        lookups = tuple(replace(lookup, which=lookup.which[used]) for lookup in self.lookups)
        inputs = None if self.inputs is None else self.inputs[used]
        return replace(self, base=base, widest=widest, lookups=lookups, inputs=inputs, **shapes, **blocks)

    def by_input(self, shapes: Ints, reads: Ints, rows: Ints) -> Ints:
        """Return the part of the costs that depends on the input width, for pairs of a shape and a width.

        Args:
            shapes: numbers of shapes.
            reads: input width of each as each cost reads it, shape (pairs, costs).
            rows: number of that width among all widths; 0 for the image.

        Returns:
            shape (pairs, costs).
        """
        found = self.slope[shapes] * reads
        for lookup in self.lookups:
            found[:, lookup.cost] += lookup.table[lookup.which[shapes], rows]
        return found

    def scores(self, score: AdditiveScore, widths: Widths, levels: Numbers) -> Floats:
        """Return the gain of each block without its first convolution, at levels of the excess, shape (P, levels)."""
        found = np.empty((len(self), len(levels)))
        number_of = self.name[self.base]
        place = np.empty(len(self.name), np.int64)
        for number in np.unique(self.name):
            check_time()
            shapes = np.flatnonzero(self.name == number)
            place[shapes] = np.arange(len(shapes))
            chosen = np.flatnonzero(number_of == number)
            rows = rows_of(self.move, int(number), widths, self.out[shapes], self.bottleneck[shapes])
            gains = score.gains(*rows, self.move.place, levels, int(self.layers[chosen].max()))
            for layers, gain in enumerate(gains, start=1):
                which = chosen[self.layers[chosen] == layers]
                found[which] = gain.score[place[self.base[which]]]
        return found


def renumbered(base: Ints, count: int) -> tuple[Ints, Ints]:
    """Return which of ``count`` shapes are used, and the number of each block's shape among these."""
    used = np.zeros(count, bool)
    used[base] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[base]


def rows_of(move: Move, name: int, widths: Widths, out: Ints, bottleneck: Ints) -> tuple[list[UnitRow], list[UnitRow]]:
    """Return the units of the first sub-layer of blocks, and those of each later one."""
    second = widths.channels[bottleneck]
    arrives = second if move.by_input else None
    return unit_rows(move.names[name], move.stride, widths.channels[out], second, arrives)
