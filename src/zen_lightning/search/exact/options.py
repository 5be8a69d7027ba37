"""All blocks of a move in arrays: their costs, their gains, and the growth of the excess in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Bools, Floats, Ints, Numbers
from zen_lightning.search.exact.chain import Move
from zen_lightning.search.exact.costs import UNREACHED, Cost, Times, price, times_by_input
from zen_lightning.search.exact.peaks import widest_inputs
from zen_lightning.search.exact.rows import UnitRow, unit_rows
from zen_lightning.search.exact.rules import Rules
from zen_lightning.search.exact.score import AdditiveScore, Place
from zen_lightning.search.exact.widths import STEP, Widths
from zen_lightning.search.time_limit import check_time

_IMAGE_CHANNELS = 3
"""Profiles of latency know images of three channels."""


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
        used, base = _renumbered(self.base[kept], len(self.out))
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


def _renumbered(base: Ints, count: int) -> tuple[Ints, Ints]:
    """Return which of ``count`` shapes are used, and the number of each block's shape among these."""
    used = np.zeros(count, bool)
    used[base] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[base]


def rows_of(move: Move, name: int, widths: Widths, out: Ints, bottleneck: Ints) -> tuple[list[UnitRow], list[UnitRow]]:
    """Return the units of the first sub-layer of blocks, and those of each later one."""
    second = widths.channels[bottleneck]
    arrives = second if move.by_input else None
    return unit_rows(move.names[name], move.stride, widths.channels[out], second, arrives)


def options_of(
    move: Move,
    widths: Widths,
    costs: Sequence[Cost],
    score: AdditiveScore,
    outs: Ints,
    bottlenecks: Ints,
    tied: bool = False,
    arriving: Ints | None = None,
    rules: Rules | None = None,
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
        arriving: numbers of the input widths that are possible; needed where blocks are stated for one each.
        rules: what networks obey besides the limits.
    """
    if move.fixed is not None:
        outs = widths.numbers([move.fixed[0]])
    out, bottleneck = outs, np.zeros_like(outs)
    if move.by_input:
        assert arriving is not None
        out, bottleneck = (grid.reshape(-1) for grid in np.meshgrid(outs, arriving, indexing="ij"))
    elif move.residual and move.has_bottleneck:
        out, bottleneck = (grid.reshape(-1) for grid in np.meshgrid(outs, bottlenecks, indexing="ij"))
        if tied:
            out, bottleneck = np.concatenate([out, outs]), np.concatenate([bottleneck, outs])
            out, bottleneck = np.divmod(np.unique(out * len(widths) + bottleneck), len(widths))
    parts = [_of_name(move, number, widths, costs, score, out, bottleneck, arriving) for number in range(len(move.names))]
    units = [part[1] for part in parts]
    keys = [score.first_key(unit, move.place) for unit in units]
    kinds = list(dict.fromkeys(keys))
    inputs = widths.channels[arriving] if move.by_input and arriving is not None else None
    firsts = Firsts(tuple(units[keys.index(kind)] for kind in kinds), move.place, inputs)
    joined: dict[str, list[np.ndarray]] = {}
    shapes = 0
    for number, (columns, _, _) in enumerate(parts):
        count = len(columns["out"])
        columns["base"] = columns["base"] + shapes
        columns["name"] = np.full(count, number)
        if inputs is not None and arriving is not None:
            columns["first"] = np.searchsorted(arriving, columns["bottleneck"])
        else:
            columns["first"] = np.full(count, kinds.index(keys[number]))
        shapes += count
        for key, column in columns.items():
            joined.setdefault(key, []).append(column)
    lookups = tuple(map(_joined, zip(*[part[2] for part in parts], strict=True)))
    every = {key: np.concatenate(columns) for key, columns in joined.items()}
    options = Options(move=move, firsts=firsts, lookups=lookups, **every)
    if move.by_input and len(costs):
        options = _cheapest(options, score, widths)
    return options if rules is None else ruled(options, widths, rules)


def _joined(parts: Sequence[Lookup]) -> Lookup:
    """Return a lookup of several kinds of shapes as one."""
    before = np.cumsum([0, *(len(part.table) for part in parts)])
    which = np.concatenate([part.which + rows for part, rows in zip(parts, before[:-1], strict=True)])
    return Lookup(parts[0].cost, which, np.concatenate([part.table for part in parts]))


def _cheapest(options: Options, score: AdditiveScore, widths: Widths) -> Options:
    """Return the blocks without those that another of the same widths and sub-layers equals in everything but a higher cost.

    So it is with squeeze-and-excitation, for which most scores give nothing.
    """
    gains = options.scores(score, widths, np.arange(2) if score.is_linear else np.zeros(1, np.int64))
    same = [options.out[options.base], options.bottleneck[options.base], options.layers, options.grows, options.adds, *gains.T]
    order = np.lexsort((options.rest.sum(axis=1), *same))
    kept = np.ones(len(order), bool)
    for distance in range(1, len(options.move.names)):
        # Of blocks that agree, the first in this order costs least; later ones are dropped where no cost of theirs is lower.
        rival, at = order[:-distance], order[distance:]
        agree = np.all([column[rival] == column[at] for column in same], axis=0)
        if not agree.any():
            break
        kept[at[agree & np.all(options.rest[rival] <= options.rest[at], axis=1)]] = False
    return options.keep(kept)


def ruled(options: Options, widths: Widths, rules: Rules) -> Options:
    """Return the blocks that rules allow, with the widest input that they allow each."""
    move = options.move
    if not rules.rising and rules.peak is None:
        return options
    widest = np.full(len(options), np.iinfo(np.int64).max)
    if rules.rising and not move.place.reads_image:
        widest = np.minimum(widest, widths.channels[options.outs])
    if rules.peak is not None:
        for number in np.unique(options.name):
            shapes = np.flatnonzero(options.name == number)
            rows = rows_of(move, int(number), widths, options.out[shapes], options.bottleneck[shapes])
            chosen = np.flatnonzero(options.name[options.base] == number)
            at = np.searchsorted(shapes, options.base[chosen])
            inputs = widest_inputs(*rows, move.place.size, rules.peak)
            widest[chosen] = np.minimum(
                widest[chosen], np.where(options.layers[chosen] > 1, inputs.several[at], inputs.one[at])
            )
    if move.by_input:
        return options.keep(widths.channels[options.bottleneck[options.base]] <= widest)
    least = 1 if move.place.reads_image else STEP
    return replace(options, widest=widest).keep(widest >= least)


def _of_name(
    move: Move,
    number: int,
    widths: Widths,
    costs: Sequence[Cost],
    score: AdditiveScore,
    out: Ints,
    bottleneck: Ints,
    arriving: Ints | None,
) -> tuple[dict[str, np.ndarray], UnitRow, list[Lookup]]:
    """Return the columns of the blocks of one name, their first unit, and their costs that are looked up."""
    check_time()
    layers = [move.fixed[1]] if move.fixed is not None else list(range(1, move.layers + 1))
    first, later = rows_of(move, number, widths, out, bottleneck)
    prices = [price(cost, first, later, move.place.size, layers[-1], move.stage) for cost in costs]
    slope = np.stack([priced[0].slope for priced in prices], axis=1) if costs else np.zeros((len(out), 0), np.int64)
    lookups = [
        lookup
        for which, cost in enumerate(costs)
        if cost.times is not None
        for lookup in _lookups(which, cost.times, move, first[0], widths, arriving)
    ]
    cheapest = np.zeros_like(slope)
    for lookup in lookups:
        cheapest[:, lookup.cost] += lookup.table.min(axis=1)[lookup.which]
    grown = score.gains(first, later, move.place, np.zeros(0, np.int64), layers[-1])
    columns: dict[str, list[np.ndarray]] = {}
    shapes = np.arange(len(out))
    least = 1 if move.place.reads_image else STEP
    checked = [which for which, cost in enumerate(costs) if not cost.signed]
    for n in layers:
        rest = np.stack([priced[n - 1].rest for priced in prices], axis=1) if costs else np.zeros((len(out), 0), np.int64)
        fits = np.ones(len(out), bool)
        for which in checked:
            cost = costs[which]
            fits &= slope[:, which] * least + cheapest[:, which] + rest[:, which] + cost.constant <= cost.maximum * cost.reach
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
    columns_of_shapes = {"out": out[used], "bottleneck": bottleneck[used], "slope": slope[used]}
    lookups = [replace(lookup, which=lookup.which[used]) for lookup in lookups]
    return {**blocks, **columns_of_shapes}, first[0], lookups


def _lookups(cost: int, times: Times, move: Move, unit: UnitRow, widths: Widths, arriving: Ints | None) -> list[Lookup]:
    """Return the times of what reads the input of blocks; of inputs that cannot arrive, none is computed."""
    if move.place.reads_image:
        channels = np.array([_IMAGE_CHANNELS])
        return [Lookup(cost, which, table) for which, table in times_by_input(times, unit, move.place.size, channels)]
    numbers = np.arange(len(widths)) if arriving is None else arriving
    lookups = []
    for which, some in times_by_input(times, unit, move.place.size, widths.channels[numbers]):
        table = np.full((len(some), len(widths)), UNREACHED)
        table[:, numbers] = some
        lookups.append(Lookup(cost, which, table))
    return lookups
