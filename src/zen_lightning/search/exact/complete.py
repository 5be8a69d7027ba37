"""Complete networks that an enumeration finds."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.networks import Block, built
from zen_lightning.search.exact.partial import PartialNetworks
from zen_lightning.search.exact.problem import Problem
from zen_lightning.search.exact.trail import Trail


@dataclass(frozen=True)
class Complete:
    """Complete networks within the limits.

    Attributes:
        score: score of each, by the tables.
        cost: costs of each, shape (networks, costs).
        networks: blocks of each.
        labels: number of partial networks that were kept.
        cut: whether partial networks were dropped because there were too many.
    """

    score: Floats
    cost: Ints
    networks: list[tuple[Block, ...]]
    labels: int
    cut: bool


def completed(
    problem: Problem, done: PartialNetworks, order: Ints, trail: Trail, returned: int, cut: bool, score: Floats, cost: Ints
) -> Complete:
    """Return the first networks of an order that the rules accept.

    Args:
        problem: the problem of the blocks.
        done: networks that end with the last block.
        order: numbers of some of them, the first to return first.
        trail: all partial networks.
        returned: the most networks to return.
        cut: whether partial networks were dropped.
        score: score of each of ``done`` with the classifier.
        cost: costs of each with the classifier, shape (networks, costs).
    """
    accepts, chosen, networks = problem.chain.rules.accepts, [], []
    for number in order.tolist():
        network = trail.network(int(done.parent[number]))
        if accepts is None or accepts(built(problem, network)):
            chosen.append(number)
            networks.append(network)
            if len(chosen) == returned:
                break
    kept = np.array(chosen, np.int64)
    return Complete(score[kept], cost[kept], networks, len(trail), cut)
