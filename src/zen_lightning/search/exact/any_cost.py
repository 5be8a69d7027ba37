"""The networks that no other beats in score and in every cost."""

from bisect import bisect_left, bisect_right

import numpy as np

from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.non_dominated import non_dominated


def best_of_any_cost(score: Floats, cost: Ints) -> Ints:
    """Return the numbers of networks that no other equals in score and in every cost, the highest score first.

    Of equal networks the first is returned.

    Args:
        score: score of each network.
        cost: costs of each, shape (networks, costs).

    Example:
        >>> best_of_any_cost(np.array([3.0, 2.0, 1.0]), np.array([[9, 1], [9, 2], [1, 9]])).tolist()
        [0, 2]
    """
    order = np.lexsort((*cost.T[::-1], -score))
    if cost.shape[1] == 1:
        cheapest = np.minimum.accumulate(cost[order, 0])
        kept = np.flatnonzero(np.diff(cheapest, prepend=np.iinfo(np.int64).max) < 0)
    elif cost.shape[1] == 2:
        kept = _stairs(cost[order].tolist())
    else:
        points = [(-float(value), *map(float, costs)) for value, costs in zip(score[order], cost[order], strict=True)]
        kept = np.flatnonzero(non_dominated(points))
    found: Ints = order[kept]
    return found


def _stairs(costs: list[list[int]]) -> Ints:
    """Return the positions of pairs for which no earlier pair is as small in both."""
    kept: list[int] = []
    firsts: list[int] = []  # Ascending; the second costs that belong to them descend.
    seconds: list[int] = []
    for position, (first, second) in enumerate(costs):
        before = bisect_right(firsts, first)
        if before and seconds[before - 1] <= second:
            continue
        kept.append(position)
        start = bisect_left(firsts, first)
        end = start
        while end < len(firsts) and seconds[end] >= second:
            end += 1
        firsts[start:end], seconds[start:end] = [first], [second]
    return np.array(kept, np.int64)
