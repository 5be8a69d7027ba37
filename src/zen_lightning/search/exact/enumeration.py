"""Label setting: the enumeration, starting at the image, of every partial network that can still reach a threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from zen_lightning.proxy.closed_form import EXCESS_LEVELS
from zen_lightning.search.exact.any_cost import best_of_any_cost
from zen_lightning.search.exact.arrays import NEVER, Floats, Ints
from zen_lightning.search.exact.bound import Bound, Program
from zen_lightning.search.exact.cells import Grid
from zen_lightning.search.exact.labels import Labels, undominated
from zen_lightning.search.exact.networks import Block, built
from zen_lightning.search.exact.prepared import Group, Prepared
from zen_lightning.search.exact.problem import Slot
from zen_lightning.search.time_limit import check_time

_AT_ONCE = 2_000_000
"""Pairs of a label and a block that are evaluated together. A choice: it bounds the memory, some arrays of 16 MB."""

_SPARE = 8
"""Factor of labels compared with each other to labels kept, where not all are kept. A choice: comparing is quadratic."""

_LAYERS = 12
"""Ranges of cost from which equally many labels are kept, where not all are. A choice."""

_ROUNDING = 1e-9
"""Subtracted from the threshold, so that rounding loses no network that reaches it exactly. A choice: sums in another order
differ by less."""


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


class _TooManyError(Exception):
    """There are more partial networks than are kept."""


class Enumeration:
    """All networks that score at least a threshold, except those dominated by another network.

    Args:
        program: the program whose blocks are combined.
        bounds: its solutions under several prices, which all bound the gain of completions, the lowest first; see
            :func:`~zen_lightning.search.exact.tilted.tilted`.
        threshold: a score.
        most: number of partial networks kept for each node and state, the most promising ones; None keeps all.
        gives_up: whether to end with nothing where there are more, instead of keeping the most promising ones.
        returned: the most complete networks to return, the best ones.
        limited: whether the limits hold. If not, networks of every cost are found whose score, less the price of their cost
            beyond the limit, reaches the threshold, and those are returned that no other beats in score and every cost.
    """

    def __init__(
        self,
        program: Program,
        bounds: Sequence[Bound],
        threshold: float,
        most: int | None = None,
        gives_up: bool = False,
        returned: int = 10_000,
        limited: bool = True,
    ) -> None:
        self.program = program
        self.problem = program.problem
        self.bound = bounds[0]
        # Beyond the limits only the price itself says what a network is worth.
        self._others = bounds[1:] if limited else ()
        self.threshold = max(threshold - _ROUNDING, np.finfo(float).min)  # Above the value of what is not allowed.
        self.most = most
        self.gives_up = gives_up
        self.cut = False
        self.returned = returned
        self.limited = limited
        self._signed = np.array([cost.signed for cost in self.problem.costs], bool)
        named = {cost.name: number for number, cost in enumerate(self.problem.costs) if not cost.signed}
        self._relieved = [
            (number, named[cost.relieved_by], cost.relief)
            for number, cost in enumerate(self.problem.costs)
            if cost.relieved_by in named
        ]
        self._free = np.array([not cost.limited for cost in self.problem.costs], bool)
        self._slots = sorted(self.problem.options)
        self._arrive = {slot: prepared.arrive(self.bound.prices) for slot, prepared in program.slots.items()}
        self._trail: list[Labels] = []
        self._count = 0
        self._known: dict[Slot, tuple[Floats, Floats, Ints]] = {}

    def run(self) -> Complete:
        """Return the networks, best first."""
        try:
            return self._run()
        except _TooManyError:
            none = np.zeros(0)
            return Complete(none, np.zeros((0, len(self.problem.costs)), np.int64), [], self._count, True)

    def _run(self) -> Complete:
        problem = self.problem
        last = problem.steps - 1
        states = problem.chain.states
        here: dict[int, list[Labels]] = {states.first: [self._image()]}
        done: list[Labels] = []
        for step in range(-1, problem.steps):
            ahead: dict[int, list[Labels]] = {}
            for state in range(len(states) - 1, -1, -1):
                if state not in here:
                    continue
                labels, first = self._settle(here.pop(state), step)
                if (step, True) in problem.options:
                    for made, after in self._extend(labels, first, (step, True), state):
                        here.setdefault(after, []).append(made)
                if step == problem.turn:
                    labels = replace(labels, score=labels.score + labels.bonus)
                if step == last:
                    if not states.ends(state):
                        continue
                    done.append(replace(labels, parent=first + np.arange(len(labels))))
                    continue
                for made, after in self._extend(labels, first, (step + 1, False), state):
                    ahead.setdefault(after, []).append(made)
            here = ahead
        return self._complete(done)

    def _image(self) -> Labels:
        zero, none = np.zeros(1), np.zeros(1, np.int64)
        costs = np.zeros((1, len(self.problem.costs)), np.int64)
        gap = np.full(1, self.problem.score.first_gap)
        return Labels(none, zero, costs, zero, gap, none, none - 1, none, none, zero, zero)

    def _settle(self, parts: list[Labels], step: int) -> tuple[Labels, int]:
        """Return the partial networks kept at a node, and the number of the first in the trail."""
        if self.gives_up:
            self._give_up(sum(map(len, parts)), _SPARE)
        labels = Labels.join(parts)
        if self.most is not None and not self.gives_up:
            labels = self._most_promising(labels, _SPARE * self.most)
        if step >= 0:
            slopes = self.program.slopes[step] if self.program.slopes else None
            labels = labels.take(undominated(labels, self.problem.score, slopes))
        if self.gives_up:
            self._give_up(len(labels))
        elif self.most is not None:
            labels = self._most_promising(labels, self.most)
        first = self._count
        self._trail.append(labels)
        self._count += len(labels)
        return labels, first

    def _give_up(self, count: int, factor: int = 1) -> None:
        """End the enumeration where it has more partial networks than it may."""
        if self.most is not None and count > factor * self.most:
            raise _TooManyError

    def _most_promising(self, labels: Labels, most: int) -> Labels:
        """Return the most promising labels, equally many from each range of cost.

        The promise of a label assumes that the limit is used as the prices say; the best network within the limits may be
        reached from a cheaper or a more expensive partial network.
        """
        if len(labels) <= most:
            return labels
        self.cut = True
        by_cost = np.argsort(labels.cost @ self.bound.prices, kind="stable")
        layer = np.empty(len(labels), np.int64)
        layer[by_cost] = np.arange(len(labels)) * _LAYERS // len(labels)
        order = np.lexsort((-labels.hope, layer))
        starts = np.searchsorted(layer[order], np.arange(_LAYERS))
        rank = np.arange(len(labels)) - starts[layer[order]]
        return labels.take(np.sort(order[rank < max(1, most // _LAYERS)]))

    def _extend(self, labels: Labels, first: int, slot: Slot, state: int) -> Iterator[tuple[Labels, int]]:
        """Yield labels extended by one block, with the state then."""
        if not len(labels):
            return
        step, _ = slot
        prepared = self.program.slots[slot]
        arrive = self._arrive[slot]
        before = self.program.before(slot)
        cell = before.below(labels.excess)
        net = labels.score - labels.cost @ self.bound.prices + self.bound.prices @ self.program.limits
        offset = before.offset(labels.excess, cell)
        if offset is None or not isinstance(before, Grid):
            level = (labels.excess * EXCESS_LEVELS).astype(np.int64)
            tables = self._tables(slot, np.unique(level))
        else:
            level = np.zeros(len(labels), np.int64)
            tables = self._tables(slot, np.arange(2))
            slopes = self.program.slopes[slot[0] if slot[1] else slot[0] - 1]
            net = net + np.minimum(offset, 0) * slopes[0]
            offset = np.maximum(offset, 0)
            arrives_by = _by_unit(arrive.gains, before)
            net = net + np.maximum(offset - before.spans[cell], 0) * slopes[1]
            offset = np.minimum(offset, before.spans[cell])
        node, count = self.bound.nodes[step], 0
        for layers, group in prepared.groups.items():
            then = self.problem.chain.states.after(slot, layers)[state]
            if then < 0:
                continue
            promise = group.net(self.bound.prices) + node.read(then, group, at_most=True)
            rises_by = _by_unit(promise, before) if isinstance(before, Grid) else None
            for blocks, part in _pairs(prepared, group, labels.row):
                check_time()
                column = group.column[blocks, None]
                hope = promise[blocks][:, cell[part]] + arrive.at(labels.row[part][None], column, cell[part][None])
                hope += net[part][None]
                if offset is not None and rises_by is not None:
                    # Between two points: the chord, as for the tables.
                    slope = rises_by[blocks][:, cell[part]]
                    slope += arrives_by[arrive.first[column], labels.row[part][None], cell[part][None]]
                    hope += offset[part][None] * slope
                if group.rows is not None:
                    hope[labels.row[part][None] >= group.rows[blocks, None]] = NEVER
                which, at = np.nonzero(hope >= self._reach(hope))
                made = self._make(labels, part[at], prepared, group, blocks.start + which, slot, then, *tables, level)
                count += len(made)
                if self.gives_up:
                    self._give_up(count, _SPARE)
                if len(made):
                    yield replace(made, parent=first + made.parent), then

    def _reach(self, hope: Floats) -> float:
        """Return the promise that pairs need: the threshold, or a higher value where not all pairs are kept."""
        if self.most is None or self.gives_up or hope.size <= _SPARE * self.most:
            return self.threshold
        least = float(np.partition(hope, -_SPARE * self.most, axis=None)[-_SPARE * self.most])
        self.cut |= least > self.threshold
        return max(self.threshold, least)

    def _tables(self, slot: Slot, levels: Ints) -> tuple[Floats, Floats, Ints]:
        """Return exact gains of all blocks of a slot and of their first convolutions at the cached levels, and these levels."""
        prepared = self.program.slots[slot]
        scores, firsts, every = self._known.get(slot, (None, None, levels[:0]))
        missing = np.setdiff1d(levels, every)
        if len(missing) or scores is None:
            more = prepared.options.scores(self.problem.score, self.problem.widths, missing)
            first = prepared.options.firsts.gains(self.problem.score, prepared.arriving, missing)
            every = np.concatenate([every, missing])
            order = np.argsort(every)
            scores = (more if scores is None else np.concatenate([scores, more], axis=1))[:, order]
            firsts = (first if firsts is None else np.concatenate([firsts, first], axis=2))[:, :, order]
            self._known[slot] = scores, firsts, every[order]
        return self._known[slot]

    def _make(
        self,
        labels: Labels,
        at: Ints,
        prepared: Prepared,
        group: Group,
        which: Ints,
        slot: Slot,
        then: int,
        scores: Floats,
        firsts: Floats,
        every: Ints,
        level: Ints,
    ) -> Labels:
        """Return the exact labels of pairs of a label and a block that can still reach the threshold."""
        options, problem = prepared.options, self.problem
        chosen = group.which[which]
        base = options.base[chosen]
        source = slot[0] if slot[1] else slot[0] - 1
        width = problem.arriving(source)[labels.row[at]]
        by_input = options.by_input(base, problem.read(width), problem.rows(source)[labels.row[at]])
        cost = labels.cost[at] + options.rest[chosen] + by_input
        fits = np.ones(len(cost), bool)
        if self.limited:
            fits = np.all((cost <= self.program.limits) | self._signed, axis=1)
            for falls, by, relief in self._relieved:
                fits &= cost[:, falls] <= relief * (self.program.limits[by] - cost[:, by])
        blocks = labels.blocks[at] + options.move.residual
        fits &= blocks <= problem.chain.blocks
        at, chosen, base, which, cost, blocks = (array[fits] for array in (at, chosen, base, which, cost, blocks))
        place = np.searchsorted(every, level[at])
        score = labels.score[at] + firsts[options.first[base], labels.row[at], place] + scores[chosen, place]
        if problem.score.is_linear:
            at_one = firsts[options.first[base], labels.row[at], 1] + scores[chosen, 1]
            score += labels.excess[at] * (at_one - firsts[options.first[base], labels.row[at], 0] - scores[chosen, 0])
        excess = options.grows[chosen] * labels.excess[at] + options.adds[chosen]
        after = self.program.cells[slot[0]]
        # Up to rounding at their edges, the cells contain every excess that can still win.
        cells = len(after)
        row = group.upper[which, 0] // cells
        at_cell = after.below(excess)
        upper, lower = row * cells + at_cell, row * cells + after.above(excess)
        offset = after.offset(excess, at_cell)
        gap, bonus = self._gaps(labels.gap[at], options.name[base], options.layers[chosen], slot)
        leaving = bonus if slot[0] == problem.turn else None
        hope = np.full(len(at), np.inf)
        for bound in (self.bound, *self._others):
            promise = bound.nodes[slot[0]].value(then, upper, lower, leaving, offset)
            promise += score + (self.program.limits - cost) @ bound.prices
            np.minimum(hope, promise, out=hope)
        kept = hope >= self.threshold
        number = np.full(len(at), self._slots.index(slot))
        made = Labels(row, score, cost, excess, gap, blocks, at, chosen, number, bonus, hope)
        return made.take(kept)

    def _gaps(self, gap: Floats, name: Ints, layers: Ints, slot: Slot) -> tuple[Floats, Floats]:
        """Return the gap after blocks and, at the turn, the kernels' part of the last term."""
        move, problem = self.problem.options[slot].move, self.problem
        if not problem.score.has_gap:
            return gap, np.zeros(len(gap))
        keys = np.stack([name.astype(float), layers.astype(float), gap])
        different, inverse = np.unique(keys, axis=1, return_inverse=True)
        after, bonus = np.zeros(different.shape[1]), np.zeros(different.shape[1])
        for number, (which, count, value) in enumerate(different.T):
            block = move.names[int(which)], int(count)
            after[number] = problem.score.gap_after(*block, move.stride, move.place, float(value))
            if slot[0] == problem.turn:
                bonus[number] = problem.after_turn(float(after[number]), (*block, slot))
        return after[inverse], bonus[inverse]

    def _complete(self, done: list[Labels]) -> Complete:
        problem = self.problem
        labels = Labels.join(done) if done else self._image().take(np.zeros(0, np.int64))
        last = problem.steps - 1
        width = problem.arriving(last)[labels.row]
        cost = labels.cost + problem.of_classifier(width)
        score = labels.score + problem.score.end_of(width, labels.excess)
        if self.limited:
            fits = np.flatnonzero(np.all((cost <= self.program.limits) | self._free, axis=1))
            order = fits[np.argsort(-score[fits], kind="stable")]
        else:
            keeps = np.flatnonzero(np.all((cost <= self.program.limits) | ~self._signed | self._free, axis=1))
            order = keeps[best_of_any_cost(score[keeps], cost[keeps][:, ~self._signed])]
            # Of too many, those that the prices prefer; the highest scores alone would all be above the limits.
            worth = score[order] - cost[order] @ self.bound.prices
            order = order[np.sort(np.argsort(-worth, kind="stable")[: self.returned])]
        trail = Labels.join(self._trail)
        if problem.chain.rules.accepts is not None:
            order = self._accepted(order, trail, labels)
        order = order[: self.returned]
        networks = [self._walk_back(trail, int(parent)) for parent in labels.parent[order]]
        return Complete(score[order], cost[order], networks, self._count, self.cut)

    def _accepted(self, order: Ints, trail: Labels, labels: Labels) -> Ints:
        """Return the first networks of an order that the rules accept, as many as are returned."""
        accepts, found = self.problem.chain.rules.accepts, []
        assert accepts is not None
        for number in order.tolist():
            if accepts(built(self.problem, self._walk_back(trail, int(labels.parent[number])))):
                found.append(number)
                if len(found) == self.returned:
                    break
        return np.array(found, np.int64)

    def _walk_back(self, trail: Labels, number: int) -> tuple[Block, ...]:
        blocks: list[Block] = []
        while trail.parent[number] >= 0:
            blocks.append((self._slots[trail.slot[number]], int(trail.option[number])))
            number = int(trail.parent[number])
        return tuple(reversed(blocks))


def _by_unit(values: Floats, cells: Grid) -> Floats:
    """Return the slopes of values from each point to the next, along the last axis; 0 where no chord begins."""
    found, begins = np.zeros(values.shape), cells.spans > 0
    is_allowed = np.isfinite(values[..., :-1]) & np.isfinite(values[..., 1:]) & begins[:-1]
    np.subtract(values[..., 1:], values[..., :-1], out=found[..., :-1], where=is_allowed)
    found /= np.where(begins, cells.spans, 1.0)
    return found


def _pairs(prepared: Prepared, group: Group, rows: Ints) -> Iterator[tuple[slice, Ints]]:
    """Yield blocks of a group, and labels that they may extend, not too many at once.

    Where blocks are stated for one input width each, only those of the labels' width.
    """
    ends = np.append(group.starts, len(group.which))
    every = [(slice(0, len(group.which)), np.arange(len(rows)))]
    if prepared.rows_of_columns is not None:
        every = [
            (slice(int(start), int(end)), np.flatnonzero(rows == prepared.rows_of_columns[column]))
            for start, end, column in zip(ends, ends[1:], group.columns, strict=False)
        ]
    for blocks, labels in every:
        size = max(1, _AT_ONCE // (blocks.stop - blocks.start))
        for start in range(0, len(labels), size):
            yield blocks, labels[start : start + size]
