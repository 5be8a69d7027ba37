"""The blocks of a slot by their counts, laid out for the program over stages."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Bools, Floats, Ints
from zen_lightning.search.exact.means.score import StageMeans, Totals
from zen_lightning.search.exact.options import Options, rows_of
from zen_lightning.search.exact.prepared import looked_up
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.exact.widths import Widths

_NO_LEVELS = np.zeros(1, np.int64)

_RIVALS = (0.25, 1.0, 4.0)
"""Multiples of the prices under which each block is compared with the best of its kind, at the narrowest and the widest input.
A choice: more of them drop more blocks."""


@dataclass(frozen=True)
class Kind:
    """Blocks of a slot with the same counts, ordered by their output width.

    Attributes:
        counts: those counts.
        which: numbers of the blocks among the options of the slot, shape (p,).
        outs: rows of the output, each once, shape (outs,).
        starts: index of the first block of each of these rows.
        out: which of ``outs`` each block has, shape (p,).
        gain: weighted gain of each block without its first convolution, shape (p,).
        first: kind of its first convolution, shape (p,).
        slope: each cost for each input channel, shape (p, costs).
        rest: cost besides, shape (p, costs).
        rows: number of rows, the narrowest, that a rule allows each block; None where no rule says so.
    """

    counts: Totals
    which: Ints
    outs: Ints
    starts: Ints
    out: Ints
    gain: Floats
    first: Ints
    slope: Ints
    rest: Ints
    rows: Ints | None

    def __len__(self) -> int:
        return len(self.which)


class SlotBlocks:
    """The blocks of a slot.

    Args:
        problem: the problem of the blocks; its score is a :class:`StageMeans`.
        slot: their slot.

    Attributes:
        kinds: the blocks by their counts.
        reads: input widths as each cost reads them, shape (rows, costs).
        firsts: weighted gains of first convolutions, shape (kinds, rows).
        rows: number of rows of the output.
        lookups: costs that are looked up by the input; see :func:`~zen_lightning.search.exact.prepared.looked_up`.
    """

    def __init__(self, problem: Problem, slot: Slot) -> None:
        step, is_extra = slot
        self.options = options = problem.options[slot]
        score = problem.score
        assert isinstance(score, StageMeans)
        arriving = problem.arriving(step if is_extra else step - 1)
        self.reads = problem.read(arriving)
        self._numbers = problem.rows(step if is_extra else step - 1)
        self.lookups = looked_up(problem, slot, np.arange(len(options.out)))
        self.firsts = options.firsts.gains(score, arriving, _NO_LEVELS)[:, :, 0]
        outs = np.searchsorted(problem.rows(step), options.outs)
        self.rows = len(problem.rows(step))
        gain = options.scores(score, problem.widths, _NO_LEVELS)[:, 0]
        totals = totals_of(options, score, problem.widths)
        allowed = None if options.widest is None else np.searchsorted(arriving, options.widest, side="right")
        self.kinds: list[Kind] = []
        distinct, number = np.unique(totals, axis=0, return_inverse=True)
        for kind, key in enumerate(distinct.tolist()):
            which = np.flatnonzero(number.reshape(-1) == kind)
            which = which[np.argsort(outs[which], kind="stable")]
            rows, starts, out = np.unique(outs[which], return_index=True, return_inverse=True)
            base = options.base[which]
            self.kinds.append(
                Kind(
                    counts=Totals(*key),
                    which=which,
                    outs=rows,
                    starts=starts,
                    out=out,
                    gain=gain[which],
                    first=options.first[base],
                    slope=options.slope[base],
                    rest=options.rest[which],
                    rows=None if allowed is None else allowed[which],
                )
            )

    def paid(self, kind: Kind, prices: Floats) -> Floats:
        """Return the price of each block of a kind with each input, shape (blocks, rows); infinity where it is not allowed."""
        paid = (kind.slope * prices) @ self.reads.T + (kind.rest @ prices)[:, None]
        for cost, table in self.lookups:
            paid += prices[cost] * table.T[self.options.base[kind.which]]
        if kind.rows is not None:
            paid[np.arange(len(self.reads)) >= kind.rows[:, None]] = np.inf
        return paid

    def by_input(self, kind: Kind, which: Ints, rows: Ints) -> Ints:
        """Return the part of the costs that depends on the input, for pairs of a block of a kind and a row of the input."""
        return self.options.by_input(self.options.base[kind.which[which]], self.reads[rows], self._numbers[rows])

    def gains(self, kind: Kind) -> Floats:
        """Return the weighted gain of each block with each input, shape (blocks, rows)."""
        gains: Floats = kind.gain[:, None] + self.firsts[kind.first]
        return gains


def totals_of(options: Options, score: StageMeans, widths: Widths) -> Ints:
    """Return the counts of each block in the order of :class:`Totals`, shape (P, 4)."""
    found = np.empty((len(options), 4), np.int64)
    number_of = options.name[options.base]
    place = np.empty(len(options.name), np.int64)
    found[:, 0] = options.layers
    for number in np.unique(options.name):
        shapes = np.flatnonzero(options.name == number)
        place[shapes] = np.arange(len(shapes))
        chosen = np.flatnonzero(number_of == number)
        rows = rows_of(options.move, int(number), widths, options.out[shapes], options.bottleneck[shapes])
        every = score.counts(*rows, options.move.place, int(options.layers[chosen].max()))
        for layers, counts in enumerate(every, start=1):
            which = chosen[options.layers[chosen] == layers]
            found[which, 1:] = np.stack(counts, axis=1)[place[options.base[which]]]
    return found


def without_rivals(problem: Problem, prices: Floats) -> Problem:
    """Return the problem without most blocks that another of the same counts and output beats in gain and in every cost.

    Args:
        problem: the problem.
        prices: under which the strongest rivals are found.
    """
    kept: dict[Slot, Bools] = {}
    for slot, options in problem.options.items():
        blocks = SlotBlocks(problem, slot)
        mask = np.zeros(len(options), bool)
        for kind in blocks.kinds:
            mask[kind.which[_unbeaten(blocks, kind, prices)]] = True
        kept[slot] = mask
    return problem.keep(kept)


def _unbeaten(blocks: SlotBlocks, kind: Kind, prices: Floats) -> Bools:
    """Return which blocks of a kind none of the strongest rivals beats."""
    free = np.ones(len(kind), bool)
    # Blocks are compared where first convolution and output agree.
    group = kind.out * len(blocks.firsts) + kind.first
    order = np.argsort(group, kind="stable")
    heads = np.flatnonzero(np.diff(group[order], prepend=-1))
    member = np.empty(len(order), np.int64)
    member[order] = np.repeat(np.arange(len(heads)), np.diff(np.append(heads, len(order))))
    every = np.arange(len(kind))
    allowed = np.zeros(len(kind), np.int64) if kind.rows is None else kind.rows
    for factor in _RIVALS:
        for row in {0, len(blocks.reads) - 1}:
            paid = (kind.rest + blocks.by_input(kind, every, np.full(len(kind), row))) @ prices
            value = np.where(free, kind.gain - factor * paid, NEVER)
            best = np.maximum.reduceat(value[order], heads)
            is_best = np.flatnonzero(value == best[member])
            rival = np.empty(len(heads), np.int64)
            rival[member[is_best][::-1]] = is_best[::-1]
            at = rival[member]
            beaten = (kind.gain <= kind.gain[at]) & (allowed <= allowed[at]) & (at != every)
            beaten &= np.all(kind.rest[at] <= kind.rest, axis=1) & np.all(kind.slope[at] <= kind.slope, axis=1)
            for _, table in blocks.lookups:
                arriving = table.T[blocks.options.base[kind.which]]
                beaten &= np.all(arriving[at] <= arriving, axis=1)
            free &= ~beaten
    return free
