"""The backward dynamic program: upper bounds of the gain of any completion of a partial network, under prices of the costs.

Lagrangian duality: with a price for every cost, the best of (score - price * cost) over all networks, plus price * limit, is
at least the score of every network within the limits. The state is the node, the width, the layers left and the cell of the
excess; docs/optimum.md says why rounding in cells keeps it an upper bound.
"""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats, Ints
from zen_lightning.search.exact.cells import Cells, excess_cells
from zen_lightning.search.exact.gaps import largest_gaps
from zen_lightning.search.exact.prepared import Group, Prepared
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time

_IMAGE = excess_cells(1, 0.0, 0.0)


class Table:
    """Values of a node by state, row (width) and cell of the excess.

    A block maps a cell of the excess to an interval. The value over that interval is at most the largest value of all cells up
    to its upper end, and also at most that of all cells from its lower end upwards; the smaller of the two is used.

    Args:
        values: shape (states, rows, cells); a state is the number of layers left, unless rules count more.
    """

    def __init__(self, values: Floats) -> None:
        rising = np.maximum.accumulate(values, axis=2)
        falls = not np.array_equal(rising, values)
        falling = np.maximum.accumulate(values[:, :, ::-1], axis=2)[:, :, ::-1] if falls else rising
        self.rising = rising.reshape(len(values), -1)
        self.falling = np.ascontiguousarray(falling).reshape(len(values), -1) if falls else None

    def read(self, state: int, upper: Ints, lower: Ints | None) -> Floats:
        """Return a bound for each entry.

        Args:
            state: state of the partial network.
            upper: entries of the largest excess, row * cells + cell.
            lower: entries of the smallest excess; None if the excess may be below its cell.
        """
        found: Floats = self.rising[state].take(upper)
        if self.falling is not None and lower is not None:
            found = np.minimum(found, self.falling[state].take(lower))
        return found


@dataclass
class Node:
    """The values after a step.

    Attributes:
        leave: values if the next step follows.
        stay: values if an extra block follows; None if none may.
        either: the larger of both; None at the turn, where leaving adds a bonus that depends on the last block.
    """

    leave: Table
    stay: Table | None = None
    either: Table | None = None

    def read(self, state: int, group: Group, at_most: bool = False) -> Floats:
        """Return the value after each block of a group, shape (blocks, cells).

        Args:
            state: state after it.
            group: blocks that lead here.
            at_most: whether the input excess of a block may also be below its cell.
        """
        lower = None if at_most else group.lower
        if self.either is not None and group.bonus is None:
            return self.either.read(state, group.upper, lower)
        found = self.leave.read(state, group.upper, lower)
        if group.bonus is not None:
            found = found + group.bonus
        return found if self.stay is None else np.maximum(found, self.stay.read(state, group.upper, lower))

    def value(self, state: int, upper: Ints, lower: Ints, bonus: Floats | None) -> Floats:
        """Return the value at entries of the tables; see :meth:`Table.read`.

        Args:
            state: state of the partial network.
            upper: entries of the excess; at an edge, of the lower cell.
            lower: entries of the excess; at an edge, of the higher cell.
            bonus: bonus of leaving, at the turn.
        """
        found = self.leave.read(state, upper, lower)
        if bonus is not None:
            found = found + bonus
        return found if self.stay is None else np.maximum(found, self.stay.read(state, upper, lower))


@dataclass(frozen=True)
class Bound:
    """The solution of the program under given prices.

    Attributes:
        prices: price of each cost.
        value: upper bound of the score of every network within the limits.
        nodes: the values after each step.
    """

    prices: Floats
    value: float
    nodes: list[Node]


class Program:
    """The program of a problem, to be solved for several prices.

    Args:
        problem: the problem to bound.
        cells: cells of the excess after each step.
    """

    def __init__(self, problem: Problem, cells: list[Cells]) -> None:
        self.problem = problem
        self.cells = cells
        gaps = largest_gaps(problem)
        self.slots = {slot: Prepared(problem, slot, self.before(slot), cells[slot[0]], gaps) for slot in problem.options}

    def before(self, slot: Slot) -> Cells:
        """Return the cells of the input excess of the blocks of a slot."""
        source = slot[0] if slot[1] else slot[0] - 1
        return self.cells[source] if source >= 0 else _IMAGE

    @property
    def limits(self) -> Floats:
        """The limit of each cost, less the cost that every network has; 0 for what has no limit."""
        return np.array([cost.maximum - cost.constant if cost.limited else 0.0 for cost in self.problem.costs], float)

    def solve(self, prices: Floats) -> Bound:
        """Return the bound under prices of the costs."""
        problem, last = self.problem, self.problem.steps - 1
        states = problem.chain.states
        paid = problem.of_classifier(problem.arriving(last)) @ prices
        end = problem.score.end(problem.arriving(last), self.cells[-1].low) - paid[:, None]
        leave = np.repeat(end[None], len(states), axis=0)
        leave[[not states.ends(state) for state in range(len(states))]] = NEVER
        nodes: list[Node] = []
        for step in range(last, -1, -1):
            node = self._node(step, leave, prices)
            nodes.insert(0, node)
            leave = self._before((step, False), node, prices)
        return Bound(prices, float(leave[states.first, 0, 0] + prices @ self.limits), nodes)

    def _node(self, step: int, leave: Floats, prices: Floats) -> Node:
        node = Node(Table(leave))
        if (step, True) not in self.slots:
            return node
        # Extra blocks lead to the node that they start from, in a lower state: the table fills up from low to high.
        stay = self._before((step, True), None, prices, leave)
        node.stay = Table(stay)
        if step != self.problem.turn:
            node.either = Table(np.maximum(leave, stay))
        return node

    def _before(self, slot: tuple[int, bool], node: Node | None, prices: Floats, leave: Floats | None = None) -> Floats:
        """Return the values before a block of a slot, shape (states, rows, cells).

        Args:
            slot: slot of the blocks.
            node: the node that they lead to; None for the one that they start from.
            prices: price of each cost.
            leave: the values of that node if no further extra block follows.
        """
        prepared = self.slots[slot]
        arrive = prepared.arrive(prices)
        nets = {layers: group.net(prices) for layers, group in prepared.groups.items()}
        states = self.problem.chain.states
        values = np.full((len(states), arrive.shape[0], arrive.shape[2]), NEVER)
        following = {layers: states.after(slot, layers) for layers in prepared.groups}
        growing: list[Node] = []
        for state in range(len(states)):
            check_time()
            best = None
            for layers, group in prepared.groups.items():
                then = following[layers][state]
                if then >= 0:
                    best = prepared.best_of_none(arrive.shape[2]) if best is None else best
                    after = node.read(then, group) if node is not None else growing[then].read(0, group)
                    group.best(nets[layers] + after, best)
            if best is not None:
                values[state] = arrive.best_of_rows(prepared.by_row(best))
            if leave is not None:
                here, stays = leave[state : state + 1], values[state : state + 1]
                growing.append(Node(Table(here), Table(stays), Table(np.maximum(here, stays))))
        return values
