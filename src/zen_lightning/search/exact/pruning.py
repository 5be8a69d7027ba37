"""The forward program: bounds of the score of networks with a given block, to drop blocks that cannot win."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats
from zen_lightning.search.exact.bound import Bound, Node, Program
from zen_lightning.search.exact.cells import Cells, excess_cells
from zen_lightning.search.exact.prepared import Prepared
from zen_lightning.search.exact.problem import Slot


@dataclass
class Reached:
    """Upper bounds of the gain of partial networks up to a node, and the range of their excess.

    Attributes:
        stay: bounds if an extra block follows, shape (layers left, rows, cells).
        leave: bounds if the next step follows, at the turn with the bonus of the last block.
        smallest: smallest excess of networks that can still reach the threshold, by layers left, shape (layers left,).
        largest: largest excess of the same networks.
    """

    stay: Floats
    leave: Floats
    smallest: Floats
    largest: Floats


@dataclass(frozen=True)
class Pruned:
    """The part of a problem that networks with at least the threshold can consist of.

    Attributes:
        best: for each block of each slot, a bound of the score of all networks that contain it.
        smallest: smallest excess after each step.
        largest: largest excess after each step.
    """

    best: dict[Slot, Floats]
    smallest: list[float]
    largest: list[float]

    def cells(self, count: int) -> list[Cells]:
        """Return this number of cells of the excess after each step."""
        return [excess_cells(count, low, high) for low, high in zip(self.smallest, self.largest, strict=True)]


def prune(program: Program, bound: Bound, threshold: float) -> Pruned:
    """Return the part of a problem that networks with at least ``threshold`` can consist of.

    Args:
        program: program of the problem.
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
    """Extend the partial networks by all blocks of a slot, record where they lead, and return the bound of each block."""
    arrive = prepared.arrive(prices)
    nets = {layers: group.net(prices) for layers, group in prepared.groups.items()}
    options = prepared.options
    best = np.full(len(options), NEVER)
    # Extra blocks lead to the node that they start from, with fewer layers left: from many to few, all inputs are known.
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
