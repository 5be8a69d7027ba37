"""The forward program: bounds of the score of networks with a given block, to drop blocks that cannot win."""

from dataclasses import dataclass, field, replace

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Bools, Floats
from zen_lightning.search.exact.bound import Bound, Node, Program
from zen_lightning.search.exact.cells import Cells, excess_cells
from zen_lightning.search.exact.prepared import Prepared
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time


@dataclass
class Reached:
    """Upper bounds of the gain of partial networks up to a node, and the range of their excess.

    Attributes:
        stay: bounds if an extra block follows, shape (states, rows, cells).
        leave: bounds if the next step follows, at the turn with the bonus of the last block.
        smallest: smallest excess of networks that can still reach the threshold, by state, shape (states,).
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
        pairs: for slots whose costs are looked up, which rows and columns networks with at least the threshold combine.
    """

    best: dict[Slot, Floats]
    smallest: list[float]
    largest: list[float]
    pairs: dict[Slot, Bools] = field(default_factory=dict)

    def left_of(self, program: Program, problem: Problem, threshold: float) -> Problem:
        """Return what networks with at least ``threshold``, which is no lower than that of the pass, can consist of.

        Args:
            program: the program that was pruned.
            problem: its problem.
            threshold: a score.
        """
        options = {}
        for slot, some in problem.options.items():
            if slot in self.pairs:
                prepared = program.slots[slot]
                inputs = np.zeros((len(some.out), len(problem.widths)), bool)
                inputs[:, prepared.numbers] = self.pairs[slot].T[prepared.column_of_shape]
                some = replace(some, inputs=inputs)
            options[slot] = some.keep(self.best[slot] >= threshold)
        return replace(problem, options={slot: left for slot, left in options.items() if len(left) or not slot[1]})

    def cells(self, count: int) -> list[Cells]:
        """Return this number of cells of the excess after each step; one where it has a single value."""
        ranges = zip(self.smallest, self.largest, strict=True)
        return [excess_cells(count if low < high else 1, low, high) for low, high in ranges]


def prune(program: Program, bound: Bound, threshold: float) -> Pruned:
    """Return the part of a problem that networks with at least ``threshold`` can consist of.

    Args:
        program: program of the problem.
        bound: its solution under some prices.
        threshold: a score.
    """
    problem = program.problem
    states = problem.chain.states
    count = len(states)
    pruned = Pruned({}, [], [])
    ahead = np.full((count, 1, 1), NEVER)
    ahead[states.first, 0, 0] = bound.prices @ program.limits
    before = Reached(ahead, ahead, np.zeros(count), np.zeros(count))
    for step in range(problem.steps):
        shape = count, len(problem.rows(step)), len(program.cells[step])
        stay = np.full(shape, NEVER)
        leave = np.full(shape, NEVER) if step == problem.turn else stay
        reached = Reached(stay, leave, np.full(count, np.inf), np.full(count, -np.inf))
        for slot in problem.slots(step):
            source = reached if slot[1] else before
            ahead = reached.stay if slot[1] else before.leave
            following = {layers: states.after(slot, layers) for layers in program.slots[slot].groups}
            prepared = program.slots[slot]
            if prepared.looks_up:
                pruned.pairs[slot] = np.zeros((len(prepared.arriving), len(prepared.first)), bool)
            pairs = pruned.pairs.get(slot)
            found = _pass(prepared, bound.nodes[step], bound.prices, ahead, source, reached, following, threshold, pairs)
            pruned.best[slot] = found
        pruned.smallest.append(float(reached.smallest.min()))
        pruned.largest.append(float(reached.largest.max()))
        before = reached
    return pruned


def _pass(
    prepared: Prepared,
    node: Node,
    prices: Floats,
    ahead: Floats,
    source: Reached,
    reached: Reached,
    following: dict[int, list[int]],
    threshold: float,
    pairs: Bools | None,
) -> Floats:
    """Extend the partial networks by all blocks of a slot, record where they lead, and return the bound of each block."""
    arrive = prepared.arrive(prices)
    nets = {layers: group.net(prices) for layers, group in prepared.groups.items()}
    options = prepared.options
    best = np.full(len(options), NEVER)
    # Extra blocks lead to the node that they start from, in a lower state: from high to low, all inputs are known.
    for state in range(len(ahead) - 1, -1, -1):
        check_time()
        rows = np.flatnonzero((ahead[state] > NEVER).any(axis=1))
        if not len(rows):
            continue
        if prepared.limited:
            # The best over all rows up to each, as the rows that rules allow a block are the narrowest.
            narrower = np.maximum.accumulate(ahead[state][:, None, :] + arrive.every, axis=0)
        else:
            columns = arrive.best_of_columns(ahead[state], rows)
        after, alive = prepared.best_of_none(arrive.shape[2]), np.zeros(len(prepared.first), bool)
        for layers, group in prepared.groups.items():
            then = following[layers][state]
            if then < 0:
                continue
            arriving = columns[group.column] if group.rows is None else narrower[group.rows - 1, group.column]
            value = arriving + nets[layers]
            following_it = node.read(then, group, at_most=True)
            total = (value + following_it).max(axis=1)
            if pairs is not None:
                group.best(nets[layers] + following_it, after)
                alive[group.column[total >= threshold]] = True
            best[group.which] = np.maximum(best[group.which], total)
            np.maximum.at(reached.stay[then].reshape(-1), group.upper.reshape(-1), value.reshape(-1))
            if group.bonus is not None:
                value = value + group.bonus
                np.maximum.at(reached.leave[then].reshape(-1), group.upper.reshape(-1), value.reshape(-1))
            kept = group.which[total >= threshold]
            if len(kept):
                highest = options.grows[kept] * source.largest[state] + options.adds[kept]
                lowest = options.grows[kept] * source.smallest[state] + options.adds[kept]
                reached.largest[then] = max(reached.largest[then], highest.max())
                reached.smallest[then] = min(reached.smallest[then], lowest.min())
        if pairs is not None:
            left = np.flatnonzero(alive)
            for row in rows.tolist():
                through = ahead[state][row] + arrive.some(row, left) + after[left]
                pairs[row, left] |= through.max(axis=1) >= threshold
    return best
