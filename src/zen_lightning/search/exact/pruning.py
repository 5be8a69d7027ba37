"""The forward program: at most what a network with a given block can score, so that blocks which cannot win are left out."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats
from zen_lightning.search.exact.bound import Bound, Node, Program
from zen_lightning.search.exact.cells import Cells, excess_cells
from zen_lightning.search.exact.prepared import Prepared
from zen_lightning.search.exact.problem import Slot


@dataclass
class Reached:
    """At most what partial networks have brought on their way to a node, and between which bounds their excess lies.

    Attributes:
        stay: if an extra block follows, shape (layers left, rows, cells).
        leave: if the next step follows: with the bonus of the last block, at the turn.
        smallest: excess with some layers left, of networks that can still reach the threshold, shape (layers left,).
        largest: likewise.
    """

    stay: Floats
    leave: Floats
    smallest: Floats
    largest: Floats


@dataclass(frozen=True)
class Pruned:
    """What is left of a problem: all that a network with a score of the threshold or more can consist of.

    Attributes:
        best: a bound of the score of all networks that contain a block, for each block of each slot.
        smallest: excess after each step.
        largest: likewise.
    """

    best: dict[Slot, Floats]
    smallest: list[float]
    largest: list[float]

    def cells(self, count: int) -> list[Cells]:
        """Return so many cells of the excess after each step."""
        return [excess_cells(count, low, high) for low, high in zip(self.smallest, self.largest, strict=True)]


def prune(program: Program, bound: Bound, threshold: float) -> Pruned:
    """Return what networks that score at least ``threshold`` can consist of.

    Args:
        program: of the problem.
        bound: its solution under some prices.
        threshold: a score.
    """
    problem = program.problem
    layers = problem.chain.layers + 1
    pruned = Pruned({}, [], [])
    ahead = np.full((layers, 1, 1), NEVER)
    ahead[-1, 0, 0] = bound.prices @ program.limits
    before = Reached(ahead, ahead, np.zeros(layers), np.zeros(layers))
    for step in range(problem.steps):
        shape = layers, len(problem.rows(step)), len(program.cells[step])
        stay = np.full(shape, NEVER)
        leave = np.full(shape, NEVER) if step == problem.turn else stay
        reached = Reached(stay, leave, np.full(layers, np.inf), np.full(layers, -np.inf))
        for slot in problem.slots(step):
            source = reached if slot[1] else before
            ahead = reached.stay if slot[1] else before.leave
            pruned.best[slot] = _pass(program.slots[slot], bound.nodes[step], bound.prices, ahead, source, reached, threshold)
        pruned.smallest.append(float(reached.smallest.min()))
        pruned.largest.append(float(reached.largest.max()))
        before = reached
    return pruned


def _pass(
    prepared: Prepared, node: Node, prices: Floats, ahead: Floats, source: Reached, reached: Reached, threshold: float
) -> Floats:
    """Take all blocks of a slot from what was reached before, note where they lead, and return the bound of each."""
    arrive = prepared.arrive(prices)
    nets = {layers: group.net(prices) for layers, group in prepared.groups.items()}
    options = prepared.options
    best = np.full(len(options), NEVER)
    # Extra blocks lead to the node that they start from, with fewer layers left: from many to few, all that arrives is known.
    for left in range(len(ahead) - 1, 0, -1):
        rows = np.flatnonzero((ahead[left] > NEVER).any(axis=1))
        if not len(rows):
            continue
        columns = (ahead[left][rows][:, None, :] + arrive[rows]).max(axis=0)
        for layers, group in prepared.groups.items():
            if layers > left:
                continue
            value = columns[group.column] + nets[layers]
            total = (value + node.read(left - layers, group, at_most=True)).max(axis=1)
            best[group.which] = np.maximum(best[group.which], total)
            np.maximum.at(reached.stay[left - layers].reshape(-1), group.upper.reshape(-1), value.reshape(-1))
            if group.bonus is not None:
                value = value + group.bonus
                np.maximum.at(reached.leave[left - layers].reshape(-1), group.upper.reshape(-1), value.reshape(-1))
            kept = group.which[total >= threshold]
            if len(kept):
                highest = options.grows[kept] * source.largest[left] + options.adds[kept]
                lowest = options.grows[kept] * source.smallest[left] + options.adds[kept]
                reached.largest[left - layers] = max(reached.largest[left - layers], highest.max())
                reached.smallest[left - layers] = min(reached.smallest[left - layers], lowest.min())
    return best
