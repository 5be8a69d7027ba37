"""All blocks of a move in arrays: their costs, their gains, and the growth of the excess in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints
from zen_lightning.search.exact.chain import Move
from zen_lightning.search.exact.costs import Cost, price
from zen_lightning.search.exact.rows import UnitRow, unit_rows
from zen_lightning.search.exact.score import AdditiveScore, Place
from zen_lightning.search.exact.widths import STEP, Widths


@dataclass(frozen=True)
class Firsts:
    """The kinds of first convolutions of a move's blocks, whose gain depends on the input width.

    Attributes:
        units: a first unit of each kind.
        place: place of the move.
    """

    units: tuple[UnitRow, ...]
    place: Place

    def gains(self, score: AdditiveScore, fan_in: Ints, levels: Ints) -> Floats:
        """Return the gain of each, shape (kinds, widths, levels)."""
        return np.stack([score.first_gain(unit, self.place, fan_in, levels) for unit in self.units])


@dataclass(frozen=True)
class Options:
    """Blocks of one move: ``B`` shapes, each with some numbers of sub-layers, ``P`` blocks in total.

    Attributes:
        move: the move of the blocks.
        name: number of the name in ``move.names`` for each shape, shape (B,).
        bottleneck: which of the widths, shape (B,); 0 where there is none.
        out: which of the widths, shape (B,).
        base: the shape of each block, shape (P,).
        layers: sub-layers of each block, shape (P,).
        slope: each cost for each input channel, shape (B, costs).
        rest: cost besides, shape (P, costs).
        grows: the input excess x becomes ``grows * x + adds``; shape (P,).
        adds: see ``grows``.
        first: the kind of first convolution of each shape, shape (B,).
        firsts: those kinds.
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

    def __len__(self) -> int:
        return len(self.base)

    @cached_property
    def outs(self) -> Ints:
        """Number of the output width of each block, shape (P,)."""
        return self.out[self.base]

    def keep(self, kept: Bools) -> "Options":
        """Return the blocks that are marked, and the shapes that these have."""
        used, base = _renumbered(self.base[kept], len(self.out))
        shapes = {key: getattr(self, key)[used] for key in ("name", "bottleneck", "out", "slope", "first")}
        blocks = {key: getattr(self, key)[kept] for key in ("layers", "rest", "grows", "adds")}
        return replace(self, base=base, **shapes, **blocks)

    def scores(self, score: AdditiveScore, widths: Widths, levels: Ints) -> Floats:
        """Return the gain of each block without its first convolution, at levels of the excess, shape (P, levels)."""
        found = np.empty((len(self), len(levels)))
        number_of = self.name[self.base]
        place = np.empty(len(self.name), np.int64)
        for number in np.unique(self.name):
            shapes = np.flatnonzero(self.name == number)
            place[shapes] = np.arange(len(shapes))
            chosen = np.flatnonzero(number_of == number)
            rows = rows_of(self.move, int(number), widths, self.out[shapes], self.bottleneck[shapes])
            gains = score.gains(*rows, self.move.place, levels, int(self.layers[chosen].max()))
            for layers, gain in enumerate(gains, start=1):
                which = chosen[self.layers[chosen] == layers]
                found[which] = gain.score[place[self.base[which]]]
        return found


def _renumbered(base: Ints, count: int) -> tuple[Ints, Ints]:
    """Return which of ``count`` shapes are used, and the number of each block's shape among these."""
    used = np.zeros(count, bool)
    used[base] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[base]


def rows_of(move: Move, name: int, widths: Widths, out: Ints, bottleneck: Ints) -> tuple[list[UnitRow], list[UnitRow]]:
    """Return the units of the first sub-layer of blocks, and those of each later one."""
    return unit_rows(move.names[name], move.stride, widths.channels[out], widths.channels[bottleneck])


def options_of(
    move: Move, widths: Widths, costs: Sequence[Cost], score: AdditiveScore, outs: Ints, bottlenecks: Ints, tied: bool = False
) -> Options:
    """Return the blocks of a move that can be part of a network within the limits.

    Args:
        move: the move.
        widths: the widths that ``outs`` and ``bottlenecks`` number.
        costs: the limited costs.
        score: the score, for the growth of the excess.
        outs: numbers of the output widths; ignored if the space fixes the width.
        bottlenecks: numbers of the widths of bottlenecks.
        tied: whether a bottleneck may also be as wide as the block's output.
    """
    if move.fixed is not None:
        outs = widths.numbers([move.fixed[0]])
    out, bottleneck = outs, np.zeros_like(outs)
    if move.residual:
        out, bottleneck = (grid.reshape(-1) for grid in np.meshgrid(outs, bottlenecks, indexing="ij"))
        if tied:
            out, bottleneck = np.concatenate([out, outs]), np.concatenate([bottleneck, outs])
            out, bottleneck = np.divmod(np.unique(out * len(widths) + bottleneck), len(widths))
    parts = [_of_name(move, number, widths, costs, score, out, bottleneck) for number in range(len(move.names))]
    units = [part[1] for part in parts]
    keys = [score.first_key(unit, move.place) for unit in units]
    kinds = list(dict.fromkeys(keys))
    firsts = Firsts(tuple(units[keys.index(kind)] for kind in kinds), move.place)
    joined: dict[str, list[np.ndarray]] = {}
    shapes = 0
    for number, (columns, _) in enumerate(parts):
        count = len(columns["out"])
        columns["base"] = columns["base"] + shapes
        columns["name"] = np.full(count, number)
        columns["first"] = np.full(count, kinds.index(keys[number]))
        shapes += count
        for key, column in columns.items():
            joined.setdefault(key, []).append(column)
    return Options(move=move, firsts=firsts, **{key: np.concatenate(columns) for key, columns in joined.items()})


def _of_name(
    move: Move, number: int, widths: Widths, costs: Sequence[Cost], score: AdditiveScore, out: Ints, bottleneck: Ints
) -> tuple[dict[str, np.ndarray], UnitRow]:
    """Return the columns of the blocks of one name, and their first unit."""
    layers = [move.fixed[1]] if move.fixed is not None else list(range(1, move.layers + 1))
    first, later = rows_of(move, number, widths, out, bottleneck)
    prices = [price(cost.name, first, later, move.place.size, layers[-1]) for cost in costs]
    slope = np.stack([priced[0].slope for priced in prices], axis=1) if costs else np.zeros((len(out), 0), np.int64)
    grown = score.gains(first, later, move.place, np.zeros(0, np.int64), layers[-1])
    columns: dict[str, list[np.ndarray]] = {}
    shapes = np.arange(len(out))
    least = 1 if move.place.reads_image else STEP
    for n in layers:
        rest = np.stack([priced[n - 1].rest for priced in prices], axis=1) if costs else np.zeros((len(out), 0), np.int64)
        fits = np.ones(len(out), bool)
        for which, cost in enumerate(costs):
            fits &= slope[:, which] * least + rest[:, which] + cost.constant <= cost.maximum
        found = {
            "base": shapes,
            "layers": np.full(len(out), n),
            "rest": rest,
            "grows": grown[n - 1].grows,
            "adds": grown[n - 1].adds,
        }
        for key, column in found.items():
            columns.setdefault(key, []).append(column[fits])
    blocks = {key: np.concatenate(column) for key, column in columns.items()}
    used, blocks["base"] = _renumbered(blocks["base"], len(out))
    return {**blocks, "out": out[used], "bottleneck": bottleneck[used], "slope": slope[used]}, first[0]
