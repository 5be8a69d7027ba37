"""Dominance between partial networks of one stage, whose totals are chosen ahead."""

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Ints
from zen_lightning.search.exact.partial import PartialNetworks
from zen_lightning.search.time_limit import check_time

_COMPARED = 64
"""Partial networks compared at a time. A choice."""


def unbeaten(parts: PartialNetworks) -> Bools:
    """Return which partial networks no other of the same width beats: at least the score, at no higher cost or block count."""
    # In this order one can only beat later ones.
    order = np.lexsort((parts.blocks, *parts.cost.T[::-1], -parts.score, parts.row))
    kept = np.zeros(len(parts), bool)
    if parts.cost.shape[1] <= 1:
        kept[order] = _unbeaten_by_one_cost(parts.row[order], parts.cost[order].sum(axis=1), parts.blocks[order])
        return kept
    edges = np.flatnonzero(np.diff(parts.row[order])) + 1
    measures = np.column_stack([parts.cost, parts.blocks])
    for same in np.split(order, edges):
        best: Ints = np.zeros(0, np.int64)
        for start in range(0, len(same), _COMPARED):
            check_time()
            some = same[start : start + _COMPARED]
            some = some[~np.all(measures[best][:, None] <= measures[some], axis=2).any(axis=0)]
            beats = np.all(measures[some][:, None] <= measures[some], axis=2)
            beats &= np.arange(len(some))[:, None] < np.arange(len(some))
            best = np.concatenate([best, some[~beats.any(axis=0)]])
        kept[best] = True
    return kept


def _unbeaten_by_one_cost(row: Ints, cost: Ints, blocks: Ints) -> Bools:
    """Return which parts, ordered by row and falling score, cost less than each earlier one of no more blocks in their row."""
    kept = np.zeros(len(row), bool)
    # Rows are set apart, so that one running minimum serves all: in a later row every cost is lower than in an earlier one.
    apart = cost - np.cumsum(np.diff(row, prepend=row[:1]) != 0) * (int(cost.max(initial=0)) + 1)
    never = np.iinfo(np.int64).max
    for count in np.unique(blocks):
        at = np.flatnonzero(blocks <= count)
        lowest = np.minimum.accumulate(apart[at])
        earlier = np.concatenate([[never], lowest[:-1]])
        free = apart[at] < earlier
        kept[at[free & (blocks[at] == count)]] = True
    return kept
