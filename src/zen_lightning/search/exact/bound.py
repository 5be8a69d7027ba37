"""The backward dynamic program: upper bounds of the gain of any completion of a partial network, under prices of the costs.

Lagrangian duality: with a price for every cost, the best of (score - price * cost) over all networks, plus price * limit, is
at least the score of every network within the limits. The state is the node, the width, the layers left and the cell of the
excess; docs/optimum.md says why rounding in cells keeps it an upper bound.
"""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats, Ints
from zen_lightning.search.exact.cells import Cells, Grid, excess_cells, grid
from zen_lightning.search.exact.gaps import largest_gaps
from zen_lightning.search.exact.prepared import Group, Prepared
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time

_IMAGE = excess_cells(1, 0.0, 0.0)
_IMAGE_OF_LINEAR = grid(1, 0.0, 0.0)


_PADDING = 1e-7
"""Added to slopes of linear scores on both sides. A choice: more than rounding, and too little to matter."""


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

    def read(self, state: int, upper: Ints, lower: Ints | None, offset: Floats | None = None) -> Floats:
        """Return a bound for each entry.

        Args:
            state: state of the partial network.
            upper: entries of the largest excess, row * cells + cell.
            lower: entries of the smallest excess; None if the excess may be below its cell.
            offset: unused, see :class:`Chords`.
        """
        found: Floats = self.rising[state].take(upper)
        if self.falling is not None and lower is not None:
            found = np.minimum(found, self.falling[state].take(lower))
        return found


class Chords(Table):
    """Values of a node by state, row and point of the state x of a linear score.

    What a completion still gains is linear in x, so the most that any gains is convex in x: between two points it is at most
    the chord, and beyond the first and the last it rises by no less and no more than the slopes of completions do.

    Args:
        values: bounds at the points, shape (states, rows, points).
        cells: the points.
        slopes: the smallest and the largest slope of a completion's gain.
    """

    def __init__(self, values: Floats, cells: Grid, slopes: tuple[float, float]) -> None:
        self._values = values.reshape(len(values), -1)
        # What is not allowed at one point is not at the others.
        is_allowed = np.isfinite(values[:, :, :-1]) & np.isfinite(values[:, :, 1:])
        self._rises = np.zeros(values.shape)
        np.subtract(values[:, :, 1:], values[:, :, :-1], out=self._rises[:, :, :-1], where=is_allowed)
        self._spans, self._slopes = cells.spans, slopes
        self._rises *= self._spans > 0
        self._above = (self._rises / np.where(self._spans > 0, self._spans, 1.0)).reshape(self._values.shape)
        self._rises = self._rises.reshape(self._values.shape)

    def read(self, state: int, upper: Ints, lower: Ints | None, offset: Floats | None = None) -> Floats:
        """Return a bound for each entry.

        Args:
            state: state of the partial network.
            upper: entries of points, row * points + point.
            lower: unused.
            offset: how far x is above each point, or below the first one.
        """
        found: Floats = self._values[state].take(upper) + self.beyond(state, upper, offset)
        return found

    def beyond(self, state: int, upper: Ints, offset: Floats | None) -> Floats:
        """Return what :meth:`read` adds to the values at the points."""
        assert offset is not None
        inside = np.minimum(np.maximum(offset, 0), self._spans.take(upper % len(self._spans)))
        found: Floats = inside * self._above[state].take(upper)
        low, high = self._slopes
        found += np.minimum(offset, 0) * low + (np.maximum(offset, 0) - inside) * high
        return found

    def rise(self, state: int, upper: Ints) -> Floats:
        """Return by how much the next point's value is higher; 0 at the last point."""
        found: Floats = self._rises[state].take(upper)
        return found


@dataclass
class Node:
    """The values after a step.

    Attributes:
        leave: values if the next step follows.
        stay: values if an extra block follows; None if none may.
        either: the larger of both; None at the turn, where leaving adds a bonus that depends on the last block.
        tilt: for linear scores, the table by whose slopes the forward program shares values between points.
    """

    leave: Table
    stay: Table | None = None
    either: Table | None = None
    tilt: Chords | None = None

    def read(self, state: int, group: Group, at_most: bool = False) -> Floats:
        """Return the value after each block of a group, shape (blocks, cells).

        Args:
            state: state after it.
            group: blocks that lead here.
            at_most: whether the input excess of a block may also be below its cell.
        """
        lower = None if at_most else group.lower
        if self.either is not None and group.bonus is None:
            return self.either.read(state, group.upper, lower, group.offset)
        found = self.leave.read(state, group.upper, lower, group.offset)
        if group.bonus is not None:
            found = found + group.bonus
        return found if self.stay is None else np.maximum(found, self.stay.read(state, group.upper, lower, group.offset))

    def value(self, state: int, upper: Ints, lower: Ints, bonus: Floats | None, offset: Floats | None = None) -> Floats:
        """Return the value at entries of the tables; see :meth:`Table.read`.

        Args:
            state: state of the partial network.
            upper: entries of the excess; at an edge, of the lower cell.
            lower: entries of the excess; at an edge, of the higher cell.
            bonus: bonus of leaving, at the turn.
            offset: how far the state is above the point of its entry, for linear scores.
        """
        found = self.leave.read(state, upper, lower, offset)
        if bonus is not None:
            found = found + bonus
        return found if self.stay is None else np.maximum(found, self.stay.read(state, upper, lower, offset))


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
        self.slopes = self._slopes_of_completions() if problem.score.is_linear else []

    def before(self, slot: Slot) -> Cells:
        """Return the cells of the input excess of the blocks of a slot."""
        source = slot[0] if slot[1] else slot[0] - 1
        if source < 0:
            return _IMAGE_OF_LINEAR if self.problem.score.is_linear else _IMAGE
        return self.cells[source]

    def _slopes_of_completions(self) -> list[tuple[float, float]]:
        """Return the smallest and the largest slope over the state of what may follow each step, and last before the first."""
        last = self.problem.steps - 1
        points = self.cells[-1].low[:2]
        ends = self.problem.score.end(self.problem.arriving(last), points)
        rise = (ends[:, 1] - ends[:, 0]) / (points[1] - points[0])
        found = [(float(rise.min()), float(rise.max())) if len(rise) else (0.0, 0.0)]
        for step in range(last, -1, -1):
            low, high = self.slots[step, False].slopes
            found.insert(0, (found[0][0] + low, found[0][1] + high))
        # Beyond what rounding can add to them.
        padded = [(low - _PADDING, high + _PADDING) for low, high in found]
        return [*padded[1:], padded[0]]

    def _table(self, step: int, values: Floats) -> Table:
        return self._tilt(step, values) or Table(values)

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
        if problem.score.has_least_end:
            for state in range(len(states)):
                layers = problem.chain.layers - states.left(state)
                leave[state][~problem.score.may_end(problem.arriving(last), self.cells[-1].high, layers)] = NEVER
        nodes: list[Node] = []
        for step in range(last, -1, -1):
            node = self._node(step, leave, prices)
            nodes.insert(0, node)
            leave = self._before((step, False), node, prices)
        return Bound(prices, float(leave[states.first, 0, 0] + prices @ self.limits), nodes)

    def _node(self, step: int, leave: Floats, prices: Floats) -> Node:
        node = Node(self._table(step, leave), tilt=self._tilt(step, leave))
        if (step, True) not in self.slots:
            return node
        # Extra blocks lead to the node that they start from, in a lower state: the table fills up from low to high.
        stay = self._before((step, True), None, prices, leave)
        node.stay = self._table(step, stay)
        if step != self.problem.turn:
            node.either = self._table(step, np.maximum(leave, stay))
        node.tilt = self._tilt(step, np.maximum(leave, stay))
        return node

    def _tilt(self, step: int, values: Floats) -> Chords | None:
        cells = self.cells[step]
        return Chords(values, cells, self.slopes[step]) if isinstance(cells, Grid) else None

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
                one, other, either = (self._table(slot[0], table) for table in (here, stays, np.maximum(here, stays)))
                growing.append(Node(one, other, either))
        return values
