"""The blocks of a slot on cells of the excess, laid out for the dynamic programs."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Bools, Floats, Ints
from zen_lightning.search.exact.arriving import Arriving
from zen_lightning.search.exact.cells import Cells
from zen_lightning.search.exact.gaps import bonuses
from zen_lightning.search.exact.options import Options
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time


@dataclass(frozen=True)
class Group:
    """Blocks of one number of sub-layers, in the order of their columns.

    Attributes:
        which: numbers of the slot's options, shape (p,).
        starts: index of the first block of each column.
        columns: number of each of these columns.
        column: column of each block, shape (p,).
        scores: gain of each block, shape (p, cells).
        rest: rest of the costs of each block, shape (p, costs).
        upper: entry of the next node's table for the largest excess of each cell, row * cells + cell; shape (p, cells).
        lower: the same for the smallest excess.
        offset: how far the state after each block is above its point, shape (p, cells); None where cells are intervals.
        bonus: bonus of each block, see :func:`~zen_lightning.search.exact.gaps.bonuses`, shape (p, 1); None if it is 0.
        rows: number of rows, the narrowest, that a rule allows each block, shape (p,); None where no rule says so.
    """

    which: Ints
    starts: Ints
    columns: Ints
    column: Ints
    scores: Floats
    rest: Ints
    upper: Ints
    lower: Ints
    bonus: Floats | None
    rows: Ints | None = None
    offset: Floats | None = None

    def net(self, prices: Floats) -> Floats:
        """Return score less price, shape (p, cells)."""
        return self.scores - (self.rest @ prices)[:, None]

    def best(self, values: Floats, out: Floats) -> None:
        """Raise ``out`` to the best value of each column: shape (columns, cells).

        Where rules limit the input widths, its shape is (rows, columns, cells), and a value is counted with the widest row
        that its block may have as input.
        """
        if self.rows is not None:
            at = out.reshape(-1, out.shape[2])
            place = (self.rows - 1) * out.shape[1] + self.column
            order = np.argsort(place, kind="stable")
            heads = np.flatnonzero(np.diff(place[order], prepend=-1))
            found = np.maximum.reduceat(values[order], heads, axis=0)
            at[place[order[heads]]] = np.maximum(at[place[order[heads]]], found)
            return
        if values.shape[1] == 1:
            found = np.maximum.reduceat(values[:, 0], self.starts)[:, None]
        else:
            found = np.maximum.reduceat(values, self.starts, axis=0)
        out[self.columns] = np.maximum(out[self.columns], found)


class Prepared:
    """The blocks of a slot, for all prices.

    Blocks whose cost and gain depend in the same way on the input width share a column.

    Args:
        problem: the problem of the blocks.
        slot: their slot.
        before: cells of the input excess.
        after: cells of the output excess.
        gaps: see :func:`~zen_lightning.search.exact.gaps.largest_gaps`.

    Attributes:
        groups: blocks by their number of sub-layers.
        first: kind of first convolution of each column.
        slope: costs of each column for each input channel, shape (columns, costs).
        arriving: input channels of each row, shape (rows,).
        reads: the same as each cost reads them, shape (rows, costs); None where all read the width itself.
        gains: gains of first convolutions, shape (kinds, rows, cells).
        limited: whether rules limit the input widths of blocks.
        column_of_shape: column of each shape, shape (B,).
        numbers: number of the width of each row.
        rows_of_columns: the one row that each column may have as input; None where it may have any.
        slopes: the smallest and the largest slope of a block's gain over the state, for linear scores.
    """

    def __init__(self, problem: Problem, slot: Slot, before: Cells, after: Cells, gaps: list[list[float]]) -> None:
        check_time()
        step, is_extra = slot
        self.options = options = problem.options[slot]
        source = step if is_extra else step - 1
        self.arriving = problem.arriving(source)
        logarithmic = any(cost.is_logarithmic for cost in problem.costs)
        self.reads = problem.read(self.arriving) if logarithmic else None
        self.gains = options.firsts.gains(problem.score, self.arriving, before.levels)
        self.column_of_shape, heads = _columns(options)
        column = self.column_of_shape[options.base]
        self.first, self.slope = options.first[heads], options.slope[heads]
        inputs = options.firsts.inputs
        self.numbers = problem.rows(source)
        self._lookups = [
            (some.cost, np.ascontiguousarray(some.table[:, self.numbers].T), some.which[heads]) for some in options.lookups
        ]
        self._columns: list[Ints] | None = None
        self._apart: Bools | None = None
        if options.inputs is not None:
            self._apart = ~options.inputs[heads][:, self.numbers].T
            self._columns = [np.flatnonzero(~row) for row in self._apart]
        self.rows_of_columns = None if inputs is None else np.searchsorted(self.arriving, inputs[self.first])
        scores = options.scores(problem.score, problem.widths, before.levels)
        bonus = bonuses(problem, slot, gaps) if step == problem.turn else None
        self.limited = options.widest is not None
        allowed = None if options.widest is None else np.searchsorted(self.arriving, options.widest, side="right")
        rows = np.searchsorted(problem.rows(step), options.outs)[:, None] * len(after)
        highest = options.grows[:, None] * before.high + options.adds[:, None]
        upper = after.below(highest)
        offset = after.offset(options.grows[:, None] * before.low + options.adds[:, None], upper)
        upper += rows
        lower = rows + after.above(options.grows[:, None] * before.low + options.adds[:, None]) if offset is None else upper
        self.slopes = _slopes(self.gains, scores, before) if problem.score.is_linear else (0.0, 0.0)
        self.groups: dict[int, Group] = {}
        for layers in np.unique(options.layers):
            which = np.flatnonzero(options.layers == layers)
            if allowed is not None:
                which = which[allowed[which] > 0]
                if not len(which):
                    continue
            which = which[np.argsort(column[which], kind="stable")]
            starts = np.flatnonzero(np.diff(column[which], prepend=-1))
            columns = column[which][starts]
            self.groups[int(layers)] = Group(
                which=which,
                starts=starts,
                columns=columns,
                column=column[which],
                scores=scores[which],
                rest=options.rest[which],
                upper=upper[which],
                lower=lower[which],
                bonus=None if bonus is None else bonus[which, None],
                rows=None if allowed is None else allowed[which],
                offset=None if offset is None else offset[which],
            )

    @property
    def looks_up(self) -> bool:
        """Whether costs are looked up, for inputs that no rule limits further."""
        return bool(self._lookups) and not self.limited and self.rows_of_columns is None

    def best_of_none(self, cells: int) -> Floats:
        """Return an array for :meth:`Group.best`, before any value."""
        shape = (len(self.first), cells)
        return np.full((len(self.arriving), *shape) if self.limited else shape, NEVER)

    def by_row(self, best: Floats) -> Floats:
        """Return what :meth:`Group.best` found as the best of each column for every row: shape (rows or 1, columns, cells)."""
        if not self.limited:
            return best[None]
        found: Floats = np.maximum.accumulate(best[::-1], axis=0)[::-1]
        return found

    def arrive(self, prices: Floats) -> Arriving:
        """Return the part of score less price that depends on the input width."""
        if self.reads is not None:
            paid = (self.reads * prices) @ self.slope.T
        else:
            paid = self.arriving[:, None] * (self.slope @ prices)[None, :]
        if self._lookups:
            for row, of_row in enumerate(paid):  # A row at a time: it stays in the processor's cache.
                for cost, table, which in self._lookups:
                    of_row += (prices[cost] * table[row])[which]
        if self._apart is not None:
            paid[self._apart] = np.inf
        return Arriving(self.gains, self.first, paid, self._columns)


def _slopes(gains: Floats, scores: Floats, before: Cells) -> tuple[float, float]:
    """Return the smallest and the largest slope of the gain of any block of a slot over the state."""
    if not len(scores) or not len(gains[0]):
        return 0.0, 0.0
    apart = before.low[1] - before.low[0]
    rise = scores[:, 1] - scores[:, 0]
    firsts = gains[:, :, :2][np.isfinite(gains[:, :, 0])]
    at_first = firsts[:, 1] - firsts[:, 0]
    return float((rise.min() + at_first.min()) / apart), float((rise.max() + at_first.max()) / apart)


def _columns(options: Options) -> tuple[Ints, Ints]:
    """Return the column of each shape, and a shape of each column."""
    keys = [options.first, *options.slope.T, *(lookup.which for lookup in options.lookups)]
    order = np.lexsort(keys[::-1])
    new = np.ones(len(order), bool)
    if len(order) > 1:
        new[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return number, order[new]


def looked_up(problem: Problem, slot: Slot, shapes: Ints) -> list[tuple[int, Ints]]:
    """Return the costs of shapes that are looked up by the input: the number of each cost, and a table of (rows, shapes)."""
    step, is_extra = slot
    rows = problem.rows(step if is_extra else step - 1)
    lookups = problem.options[slot].lookups
    found: dict[int, Ints] = {}
    for lookup in lookups:
        table = np.take(np.ascontiguousarray(lookup.table[:, rows].T), lookup.which[shapes], axis=1)
        found[lookup.cost] = found[lookup.cost] + table if lookup.cost in found else table
    return list(found.items())
