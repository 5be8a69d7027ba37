"""Partial networks extended by every block with which they can still reach a threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from zen_lightning.proxy.closed_form import EXCESS_LEVELS
from zen_lightning.search.exact.arrays import NEVER, Floats, Ints
from zen_lightning.search.exact.beam import SPARE, Beam
from zen_lightning.search.exact.bound import Bound, Program
from zen_lightning.search.exact.cells import Grid
from zen_lightning.search.exact.labels import Labels
from zen_lightning.search.exact.prepared import Group, Prepared
from zen_lightning.search.exact.problem import Slot
from zen_lightning.search.time_limit import check_time

_AT_ONCE = 2_000_000
"""Pairs of a label and a block that are evaluated together. A choice: it bounds the memory, some arrays of 16 MB."""


class Extension:
    """Extends partial networks, and gives their exact scores and costs.

    Args:
        program: the program whose blocks are added.
        bounds: its solutions, which all bound the gain of completions; pairs are chosen by the first.
        beam: the threshold, and how many partial networks are kept.
        limited: whether the limits hold.
    """

    def __init__(self, program: Program, bounds: Sequence[Bound], beam: Beam, limited: bool) -> None:
        self._program = program
        self._problem = program.problem
        self._bound = bounds[0]
        # Beyond the limits only the price itself says what a network is worth.
        self._others = bounds[1:] if limited else ()
        self._beam = beam
        self._limited = limited
        costs = self._problem.costs
        named = {cost.name: number for number, cost in enumerate(costs) if not cost.signed}
        self._relieved = [
            (number, named[cost.relieved_by], cost.relief) for number, cost in enumerate(costs) if cost.relieved_by in named
        ]
        self._slots = sorted(self._problem.options)
        self._arrive = {slot: prepared.arrive(self._bound.prices) for slot, prepared in program.slots.items()}
        self._known: dict[Slot, tuple[Floats, Floats, Ints]] = {}

    def extended(self, labels: Labels, first: int, slot: Slot, state: int) -> Iterator[tuple[Labels, int]]:
        """Yield labels extended by one block, with the state then."""
        if not len(labels):
            return
        step, _ = slot
        prepared = self._program.slots[slot]
        arrive = self._arrive[slot]
        before = self._program.before(slot)
        cell = before.below(labels.excess)
        net = labels.score - labels.cost @ self._bound.prices + self._bound.prices @ self._program.limits
        offset = before.offset(labels.excess, cell)
        if offset is None or not isinstance(before, Grid):
            level = (labels.excess * EXCESS_LEVELS).astype(np.int64)
            tables = self._tables(slot, np.unique(level))
        else:
            level = np.zeros(len(labels), np.int64)
            tables = self._tables(slot, np.arange(2))
            slopes = self._program.slopes[slot[0] if slot[1] else slot[0] - 1]
            net = net + np.minimum(offset, 0) * slopes[0]
            offset = np.maximum(offset, 0)
            arrives_by = _by_unit(arrive.gains, before)
            net = net + np.maximum(offset - before.spans[cell], 0) * slopes[1]
            offset = np.minimum(offset, before.spans[cell])
        node, count = self._bound.nodes[step], 0
        for layers, group in prepared.groups.items():
            then = self._problem.chain.states.after(slot, layers)[state]
            if then < 0:
                continue
            promise = group.net(self._bound.prices) + node.read(then, group, at_most=True)
            rises_by = _by_unit(promise, before) if isinstance(before, Grid) else None
            for blocks, part in _pairs(prepared, group, labels.row):
                check_time()
                column = group.column[blocks, None]
                hope = promise[blocks][:, cell[part]] + arrive.at(labels.row[part][None], column, cell[part][None])
                hope += net[part][None]
                if offset is not None and rises_by is not None:
                    # Between two points: the chord, as for the tables.
                    slope = rises_by[blocks][:, cell[part]]
                    slope += arrives_by[arrive.first[column], labels.row[part][None], cell[part][None]]
                    hope += offset[part][None] * slope
                if group.rows is not None:
                    hope[labels.row[part][None] >= group.rows[blocks, None]] = NEVER
                which, at = np.nonzero(hope >= self._beam.reach(hope))
                made = self._make(labels, part[at], prepared, group, blocks.start + which, slot, then, *tables, level)
                count += len(made)
                self._beam.check(count, SPARE)
                if len(made):
                    yield replace(made, parent=first + made.parent), then

    def _tables(self, slot: Slot, levels: Ints) -> tuple[Floats, Floats, Ints]:
        """Return exact gains of all blocks of a slot and of their first convolutions at the cached levels, and these levels."""
        prepared = self._program.slots[slot]
        scores, firsts, every = self._known.get(slot, (None, None, levels[:0]))
        missing = np.setdiff1d(levels, every)
        if len(missing) or scores is None:
            more = prepared.options.scores(self._problem.score, self._problem.widths, missing)
            first = prepared.options.firsts.gains(self._problem.score, prepared.arriving, missing)
            every = np.concatenate([every, missing])
            order = np.argsort(every)
            scores = (more if scores is None else np.concatenate([scores, more], axis=1))[:, order]
            firsts = (first if firsts is None else np.concatenate([firsts, first], axis=2))[:, :, order]
            self._known[slot] = scores, firsts, every[order]
        return self._known[slot]

    def _make(
        self,
        labels: Labels,
        at: Ints,
        prepared: Prepared,
        group: Group,
        which: Ints,
        slot: Slot,
        then: int,
        scores: Floats,
        firsts: Floats,
        every: Ints,
        level: Ints,
    ) -> Labels:
        """Return the exact labels of pairs of a label and a block that can still reach the threshold."""
        options, problem = prepared.options, self._problem
        chosen = group.which[which]
        base = options.base[chosen]
        source = slot[0] if slot[1] else slot[0] - 1
        width = problem.arriving(source)[labels.row[at]]
        by_input = options.by_input(base, problem.read(width), problem.rows(source)[labels.row[at]])
        cost = labels.cost[at] + options.rest[chosen] + by_input
        fits = np.ones(len(cost), bool)
        if self._limited:
            fits = np.all((cost <= self._program.limits) | self._problem.signed, axis=1)
            for falls, by, relief in self._relieved:
                fits &= cost[:, falls] <= relief * (self._program.limits[by] - cost[:, by])
        blocks = labels.blocks[at] + options.move.residual
        fits &= blocks <= problem.chain.blocks
        at, chosen, base, which, cost, blocks = (array[fits] for array in (at, chosen, base, which, cost, blocks))
        place = np.searchsorted(every, level[at])
        score = labels.score[at] + firsts[options.first[base], labels.row[at], place] + scores[chosen, place]
        if problem.score.is_linear:
            at_one = firsts[options.first[base], labels.row[at], 1] + scores[chosen, 1]
            score += labels.excess[at] * (at_one - firsts[options.first[base], labels.row[at], 0] - scores[chosen, 0])
        excess = options.grows[chosen] * labels.excess[at] + options.adds[chosen]
        after = self._program.cells[slot[0]]
        # Up to rounding at their edges, the cells contain every excess that can still win.
        cells = len(after)
        row = group.upper[which, 0] // cells
        at_cell = after.below(excess)
        upper, lower = row * cells + at_cell, row * cells + after.above(excess)
        offset = after.offset(excess, at_cell)
        gap, bonus = self._gaps(labels.gap[at], options.name[base], options.layers[chosen], slot)
        leaving = bonus if slot[0] == problem.turn else None
        hope = np.full(len(at), np.inf)
        for bound in (self._bound, *self._others):
            promise = bound.nodes[slot[0]].value(then, upper, lower, leaving, offset)
            promise += score + (self._program.limits - cost) @ bound.prices
            np.minimum(hope, promise, out=hope)
        kept = hope >= self._beam.threshold
        number = np.full(len(at), self._slots.index(slot))
        made = Labels(row, score, cost, blocks, at, chosen, number, hope, excess, gap, bonus)
        return made.take(kept)

    def _gaps(self, gap: Floats, name: Ints, layers: Ints, slot: Slot) -> tuple[Floats, Floats]:
        """Return the gap after blocks and, at the turn, the kernels' part of the last term."""
        move, problem = self._problem.options[slot].move, self._problem
        if not problem.score.has_gap:
            return gap, np.zeros(len(gap))
        keys = np.stack([name.astype(float), layers.astype(float), gap])
        different, inverse = np.unique(keys, axis=1, return_inverse=True)
        after, bonus = np.zeros(different.shape[1]), np.zeros(different.shape[1])
        for number, (which, count, value) in enumerate(different.T):
            block = move.names[int(which)], int(count)
            after[number] = problem.score.gap_after(*block, move.stride, move.place, float(value))
            if slot[0] == problem.turn:
                bonus[number] = problem.after_turn(float(after[number]), (*block, slot))
        return after[inverse], bonus[inverse]


def _by_unit(values: Floats, cells: Grid) -> Floats:
    """Return the slopes of values from each point to the next, along the last axis; 0 where no chord begins."""
    found, begins = np.zeros(values.shape), cells.spans > 0
    is_allowed = np.isfinite(values[..., :-1]) & np.isfinite(values[..., 1:]) & begins[:-1]
    np.subtract(values[..., 1:], values[..., :-1], out=found[..., :-1], where=is_allowed)
    found /= np.where(begins, cells.spans, 1.0)
    return found


def _pairs(prepared: Prepared, group: Group, rows: Ints) -> Iterator[tuple[slice, Ints]]:
    """Yield blocks of a group, and labels that they may extend, not too many at once.

    Where blocks are stated for one input width each, only those of the labels' width.
    """
    ends = np.append(group.starts, len(group.which))
    every = [(slice(0, len(group.which)), np.arange(len(rows)))]
    if prepared.rows_of_columns is not None:
        every = [
            (slice(int(start), int(end)), np.flatnonzero(rows == prepared.rows_of_columns[column]))
            for start, end, column in zip(ends, ends[1:], group.columns, strict=False)
        ]
    for blocks, labels in every:
        size = max(1, _AT_ONCE // (blocks.stop - blocks.start))
        for start in range(0, len(labels), size):
            yield blocks, labels[start : start + size]
