"""The front found by searches: its networks, and a selection that is spread over the costs."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Limit
from zen_lightning.search.non_dominated import non_dominated
from zen_lightning.search.objectives import SPAN
from zen_lightning.search.run import SearchOutcome


class FrontPoint(NamedTuple):
    """A network of the front: every other network found has a lower score or a higher cost.

    Attributes:
        architecture: the network.
        score: its score; higher is better.
        costs: its cost by each objective, in order; less is better.
    """

    architecture: BaseArchitecture
    score: float
    costs: tuple[float, ...]


def front_of(outcomes: Sequence[SearchOutcome], objectives: Sequence[Limit]) -> list[FrontPoint]:
    """Return the front of all searches together, sorted by the first objective.

    Args:
        outcomes: outcomes of the searches.
        objectives: the costs.
    """
    scores = {candidate.architecture: candidate.score for outcome in outcomes for candidate in outcome.ranked}
    points = [FrontPoint(found, score, costs_of(found, objectives)) for found, score in scores.items()]
    points.sort(key=lambda point: (*point.costs, -point.score, str(point.architecture)))
    kept = non_dominated([(-point.score, *point.costs) for point in points])
    return [point for point, is_kept in zip(points, kept, strict=True) if is_kept]


def costs_of(architecture: BaseArchitecture, objectives: Sequence[Limit]) -> tuple[float, ...]:
    """Return the cost of a network by each objective."""
    return tuple(objective.measure(architecture) for objective in objectives)


def staircase(points: Sequence[FrontPoint], which: int = 0) -> list[FrontPoint]:
    """Return the points that are best under some limit on a single cost, the cheapest first.

    Args:
        points: points of a front.
        which: number of the objective, from 0.
    """
    steps: list[FrontPoint] = []
    for point in sorted(points, key=lambda point: (point.costs[which], -point.score, point.costs)):
        if not steps or point.score > steps[-1].score:
            steps.append(point)
    return steps


def spread(points: Sequence[FrontPoint], count: int) -> list[FrontPoint]:
    """Return the best networks under limits on the first objective that rise by a constant factor, the cheapest first.

    The last limit is the largest cost of the front; the first is a sixteenth of it, or the smallest cost if that is larger.

    Args:
        points: points of a front.
        count: number of limits; a network that is the best under several of them is returned once.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
        >>> points = [FrontPoint(arch, score, (cost,)) for score, cost in ((1, 10), (2, 19), (3, 21), (4, 40))]
        >>> [point.costs[0] for point in spread(points, 3)]
        [10, 19, 40]
    """
    steps = staircase(points)
    if not steps:
        return []
    highest = steps[-1].costs[0]
    lowest = max(steps[0].costs[0], highest / SPAN)
    found: list[FrontPoint] = []
    for number in range(count):
        left = (count - 1 - number) / max(1, count - 1)
        limit = highest * math.exp(left * math.log(lowest / highest)) * (1 + 1e-12)
        best = [step for step in steps if step.costs[0] <= limit][-1]
        if best not in found:
            found.append(best)
    return found
