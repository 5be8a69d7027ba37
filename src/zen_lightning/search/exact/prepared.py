"""The blocks of a slot on cells of the excess, laid out for the dynamic programs."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.cells import Cells
from zen_lightning.search.exact.options import Options
from zen_lightning.search.exact.problem import Problem, Slot


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
        bonus: bonus of each block, see :meth:`Problem.bonus`, shape (p, 1); None if it is 0.
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

    def net(self, prices: Floats) -> Floats:
        """Return score less price, shape (p, cells)."""
        return self.scores - (self.rest @ prices)[:, None]

    def best(self, values: Floats, count: int, out: Floats) -> None:
        """Raise ``out``, shape (columns, cells), to the best value of each column."""
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

    Attributes:
        groups: blocks by their number of sub-layers.
        first: kind of first convolution of each column.
        slope: costs of each column for each input channel, shape (columns, costs).
        arriving: input channels of each row, shape (rows,).
        gains: gains of first convolutions, shape (kinds, rows, cells).
    """

    def __init__(self, problem: Problem, slot: Slot, before: Cells, after: Cells) -> None:
        step, is_extra = slot
        self.options = options = problem.options[slot]
        source = step if is_extra else step - 1
        self.arriving = problem.arriving(source)
        self.gains = options.firsts.gains(problem.score, self.arriving, before.levels)
        column, heads = _columns(options)
        self.first, self.slope = options.first[heads], options.slope[heads]
        scores = options.scores(problem.score, problem.widths, before.levels)
        bonus = problem.bonus(slot) if step == problem.turn else None
        rows = np.searchsorted(problem.rows(step), options.outs)[:, None] * len(after)
        upper = rows + after.below(options.grows[:, None] * before.high + options.adds[:, None])
        lower = rows + after.above(options.grows[:, None] * before.low + options.adds[:, None])
        self.groups: dict[int, Group] = {}
        for layers in np.unique(options.layers):
            which = np.flatnonzero(options.layers == layers)
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
            )

    def arrive(self, prices: Floats) -> Floats:
        """Return the part of score less price that depends on the input width, shape (rows, columns, cells)."""
        paid = self.arriving[:, None] * (self.slope @ prices)[None, :]
        return self.gains[self.first].transpose(1, 0, 2) - paid[:, :, None]


def _columns(options: Options) -> tuple[Ints, Ints]:
    """Return the column of each block, and a shape of each column."""
    keys = [options.first, *options.slope.T]
    order = np.lexsort(keys[::-1])
    new = np.ones(len(order), bool)
    if len(order) > 1:
        new[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return number[options.base], order[new]
