"""The forward program: bounds of the score of networks with a given block, to drop blocks that cannot win."""

from dataclasses import dataclass, field, replace

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Bools, Floats, Ints
from zen_lightning.search.exact.bound import Bound, Node, Program
from zen_lightning.search.exact.cells import Cells, excess_cells, grid
from zen_lightning.search.exact.prepared import Group, Prepared
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
        outer: for scores linear in the excess, the least and the most that it can be after each step; else empty.
        is_paired: whether cells are intervals of both ends, see :class:`~zen_lightning.search.exact.cells.Pairs`.
        pairs: for slots whose costs are looked up, which rows and columns networks with at least the threshold combine.
    """

    best: dict[Slot, Floats]
    smallest: list[float]
    largest: list[float]
    outer: list[tuple[float, float]]
    is_paired: bool
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
        if self.outer:
            # Programs also meet pairs of an excess and a block that no network has: there the chords to outer points count.
            grids = [grid(count, low, high).within(*outer) for (low, high), outer in zip(ranges, self.outer, strict=True)]
            return [each.paired() if self.is_paired else each for each in grids]
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
    outer = [(cells.low[0], cells.low[-1]) for cells in program.cells if problem.score.is_linear]
    pruned = Pruned({}, [], [], outer, problem.score.has_least_end)
    ahead = np.full((count, 1, len(program.before((0, False)))), NEVER)
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
            _record(reached.stay[then], value, node, then, group)
            if group.bonus is not None:
                _record(reached.leave[then], value + group.bonus, node, then, group)
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


def _record(reached: Floats, value: Floats, node: Node, state: int, group: Group) -> None:
    """Raise the bounds of partial networks, shape (rows, cells), to the values of those that end in blocks of a group.

    Where the score is linear in its state, a partial network between two points is recorded at both of them, so that whatever
    completes it gains at least as much from one of the two: a completion that gains more for each unit of the state than the
    tilt from the upper point, any other from the lower one. Any tilt is right; that of the best completion is the closest.
    """
    into = reached.reshape(-1)
    if node.tilt is None:
        np.maximum.at(into, group.upper.reshape(-1), value.reshape(-1))
        return
    assert group.offset is not None
    value = value + node.tilt.beyond(state, group.upper, group.offset)
    np.maximum.at(into, group.upper.reshape(-1), value.reshape(-1))
    between = (group.offset > 0) & ((group.upper + 1) % reached.shape[1] > 0)
    at: Ints = group.upper[between]
    np.maximum.at(into, at + 1, value[between] - node.tilt.rise(state, at))
