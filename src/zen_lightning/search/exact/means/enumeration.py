"""Label setting over stages: every partial network that can still reach a threshold, the totals of each stage chosen ahead."""

from dataclasses import dataclass, fields, replace

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints
from zen_lightning.search.exact.enumeration import Complete
from zen_lightning.search.exact.means.blocks import Kind, SlotBlocks
from zen_lightning.search.exact.means.program import MeansBound, MeansProgram
from zen_lightning.search.exact.means.score import NOTHING, Totals
from zen_lightning.search.exact.networks import Block, built
from zen_lightning.search.exact.problem import Slot
from zen_lightning.search.time_limit import check_time

_AT_ONCE = 2_000_000
"""Pairs of a partial network and a block that are evaluated together. A choice: it bounds the memory."""

_ROUNDING = 1e-9
"""Subtracted from the threshold, so that rounding loses no network that reaches it exactly."""

_COMPARED = 64
"""Partial networks compared at a time. A choice."""


_SPARE = 8
"""Factor of partial networks compared with each other to those kept, where not all are kept. A choice."""


@dataclass(frozen=True)
class Parts:
    """Partial networks that end at one node with the same counts.

    Attributes:
        row: output width, as a row of the node, shape (parts,).
        score: score so far, with what the totals chosen for the stage are worth.
        cost: costs so far, shape (parts, costs).
        blocks: residual blocks so far.
        parent: number in the trail of the part that it extends; -1 for the image.
        option: number of the added block among the options of its slot.
        slot: number of that slot.
        hope: upper bound of the score of a complete network that begins in this way, under the prices.
    """

    row: Ints
    score: Floats
    cost: Ints
    blocks: Ints
    parent: Ints
    option: Ints
    slot: Ints
    hope: Floats

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: Ints | Bools) -> "Parts":
        """Return some of them."""
        return Parts(*(getattr(self, field.name)[which] for field in fields(self)))

    @staticmethod
    def join(several: "list[Parts]") -> "Parts":
        """Return several together."""
        return Parts(*(np.concatenate([getattr(one, field.name) for one in several]) for field in fields(Parts)))


def unbeaten(parts: Parts) -> Bools:
    """Return which partial networks no other of the same width beats: at least the score, at no higher cost or block count."""
    # In this order one can only beat later ones.
    order = np.lexsort((parts.blocks, *parts.cost.T[::-1], -parts.score, parts.row))
    kept = np.zeros(len(parts), bool)
    if parts.cost.shape[1] <= 1:
        kept[order] = _unbeaten_by_one_cost(parts.row[order], parts.cost[order].sum(axis=1), parts.blocks[order])
        return kept
    edges = np.flatnonzero(np.diff(parts.row[order])) + 1
    measures = np.column_stack([parts.cost, parts.blocks])
    for same in np.split(order, edges):
        best: Ints = np.zeros(0, np.int64)
        for start in range(0, len(same), _COMPARED):
            check_time()
            some = same[start : start + _COMPARED]
            some = some[~np.all(measures[best][:, None] <= measures[some], axis=2).any(axis=0)]
            beats = np.all(measures[some][:, None] <= measures[some], axis=2)
            beats &= np.arange(len(some))[:, None] < np.arange(len(some))
            best = np.concatenate([best, some[~beats.any(axis=0)]])
        kept[best] = True
    return kept


def _unbeaten_by_one_cost(row: Ints, cost: Ints, blocks: Ints) -> Bools:
    """Return which parts, ordered by row and falling score, cost less than each earlier one of no more blocks in their row."""
    kept = np.zeros(len(row), bool)
    # Rows are set apart, so that one running minimum serves all: in a later row every cost is lower than in an earlier one.
    apart = cost - np.cumsum(np.diff(row, prepend=row[:1]) != 0) * (int(cost.max(initial=0)) + 1)
    never = np.iinfo(np.int64).max
    for count in np.unique(blocks):
        at = np.flatnonzero(blocks <= count)
        lowest = np.minimum.accumulate(apart[at])
        earlier = np.concatenate([[never], lowest[:-1]])
        free = apart[at] < earlier
        kept[at[free & (blocks[at] == count)]] = True
    return kept


State = tuple[int, Totals, int]
"""Number of the target, what is done of the stage, and the layers that are left after the stage."""


class MeansEnumeration:
    """All networks that score at least a threshold, except those beaten by another network.

    Args:
        program: the program whose blocks are combined.
        bound: its solution.
        threshold: a score.
        most: number of partial networks kept for each node and state, the most promising ones; None keeps all.
        returned: the most complete networks to return, the best ones.
        limited: see :class:`~zen_lightning.search.exact.enumeration.Enumeration`.
    """

    def __init__(
        self,
        program: MeansProgram,
        bound: MeansBound,
        threshold: float,
        most: int | None = None,
        returned: int = 10_000,
        limited: bool = True,
    ) -> None:
        self.program, self.problem, self.bound = program, program.problem, bound
        self.threshold = max(threshold - _ROUNDING, np.finfo(float).min)
        self.most, self.returned, self.limited = most, returned, limited
        self.cut = False
        costs = self.problem.costs
        self._signed = np.array([cost.signed for cost in costs], bool)
        self._free = np.array([not cost.limited for cost in costs], bool)
        self._base = float(bound.prices @ program.limits)
        self._slots = sorted(self.problem.options)
        self._trail: list[Parts] = []
        self._count = 0

    def run(self) -> Complete:
        """Return the networks, best first."""
        program = self.program
        zero, none = np.zeros(1), np.zeros(1, np.int64)
        costs = np.zeros((1, len(self.problem.costs)), np.int64)
        image = Parts(none, zero + program.score.constant, costs, none, none - 1, none, none, zero)
        here: dict[int, list[Parts]] = {self.problem.chain.layers: [image]}
        for place, stage in enumerate(program.stages):
            states = self._begun(place, here)
            for step in stage.steps:
                ahead: dict[State, list[Parts]] = {}
                for state, (parts, first) in states.items():
                    self._extend(place, (step, False), state, parts, first, ahead)
                states = self._settled(place, step, ahead)
            here = {}
            for (target, done, left), (parts, first) in states.items():
                if done == program.targets[place][target]:
                    parts = replace(parts, parent=first + np.arange(len(parts)), option=np.full(len(parts), -1))
                    here.setdefault(left, []).append(self._closed(place, target, parts))
        return self._complete([parts for several in here.values() for parts in several])

    def _begun(self, place: int, here: dict[int, list[Parts]]) -> dict[State, tuple[Parts, int]]:
        """Return the partial networks that begin a stage, for every target."""
        program, states = self.program, {}
        least, columns = program.columns(place)
        for left, several in here.items():
            parts = Parts.join(several)
            if len(self._trail):
                parts = parts.take(unbeaten(parts))
            first = self._record(parts)
            entry = self.bound.entries[place][parts.row, min(left - least, columns - 1)]
            promising = self._hope(parts, entry) >= self.threshold
            numbers = np.flatnonzero(promising)
            if not len(numbers):
                continue
            parts = replace(parts.take(numbers), parent=first + numbers)
            for target, totals in enumerate(program.targets[place]):
                if left - totals.layers >= program.stages[place].after:
                    score = parts.score + program.constants[place][target]
                    begun = replace(parts, score=score)
                    states[target, NOTHING, left - totals.layers] = begun, -1
        return states

    def _hope(self, parts: Parts, following: Floats) -> Floats:
        hope: Floats = parts.score - parts.cost @ self.bound.prices + self._base + following
        return hope

    def _column(self, place: int, left: int) -> int:
        least, columns = self.program.lefts[place]
        return min(left - least, columns - 1)

    def _record(self, parts: Parts) -> int:
        first = self._count
        self._trail.append(parts)
        self._count += len(parts)
        return first

    def _settled(self, place: int, step: int, ahead: dict[State, list[Parts]]) -> dict[State, tuple[Parts, int]]:
        """Return the partial networks kept at a node, also those with extra blocks, and the number of the first of each."""
        found: dict[State, tuple[Parts, int]] = {}
        most = max((done.layers for _, done, _ in ahead), default=0)
        layers = 0
        while layers <= most:
            for state in [state for state in ahead if state[1].layers == layers]:
                parts = Parts.join(ahead.pop(state))
                if self.most is not None and len(parts) > _SPARE * self.most:
                    parts = self._most_promising(parts, _SPARE * self.most)
                parts = parts.take(unbeaten(parts))
                if self.most is not None and len(parts) > self.most:
                    parts = self._most_promising(parts, self.most)
                first = self._record(parts)
                found[state] = parts, first
                if (step, True) in self.program.slots:
                    self._extend(place, (step, True), state, parts, first, ahead)
                    most = max(most, *(done.layers for _, done, _ in ahead), 0)
            layers += 1
        return found

    def _most_promising(self, parts: Parts, most: int) -> Parts:
        self.cut = True
        return parts.take(np.sort(np.argsort(-parts.hope, kind="stable")[:most]))

    def _extend(self, place: int, slot: Slot, state: State, parts: Parts, first: int, into: dict[State, list[Parts]]) -> None:
        """Add partial networks with one block more."""
        program, prices = self.program, self.bound.prices
        target, done, left = state
        blocks = program.slots[slot]
        factor, column = program.coefficients[place][target], self._column(place, left)
        net = parts.score - parts.cost @ prices + self._base
        parents = parts.parent if first < 0 else first + np.arange(len(parts))
        for number, kind in enumerate(blocks.kinds):
            more = done.plus(kind.counts)
            rest = program.targets[place][target].less(more)
            node = self.bound.nodes[slot[0]].get(rest)
            if node is None or rest not in program.rest(place, slot[0], more):
                continue
            following = node[target, :, column][kind.outs]
            table = program.table(self.bound, place, slot, number, np.array([target]))[0]
            # No block of a kind is better than the best of its output.
            outs = np.flatnonzero((following[:, None] + table[:, parts.row] + net).max(axis=1) >= self.threshold)
            if not len(outs):
                continue
            chosen = np.flatnonzero(np.isin(kind.out, outs))
            gains = factor * blocks.gains(kind)[chosen]
            value = gains - blocks.paid(kind, prices)[chosen] + following[kind.out[chosen]][:, None]
            size = max(1, _AT_ONCE // len(chosen))
            for start in range(0, len(parts), size):
                check_time()
                some = np.arange(start, min(start + size, len(parts)))
                hope = value[:, parts.row[some]] + net[some]
                which, at = np.nonzero(hope >= self._reach(hope))
                made = self._made(parts, parents, some[at], blocks, kind, chosen[which], gains[which], slot, hope[which, at])
                if len(made):
                    into.setdefault((target, more, left), []).append(made)

    def _reach(self, hope: Floats) -> float:
        """Return the hope that pairs need: the threshold, or a higher value where not all pairs are kept."""
        if self.most is None or hope.size <= _SPARE * self.most:
            return self.threshold
        least = float(np.partition(hope, -_SPARE * self.most, axis=None)[-_SPARE * self.most])
        self.cut |= least > self.threshold
        return max(self.threshold, least)

    def _made(
        self,
        parts: Parts,
        parents: Ints,
        at: Ints,
        blocks: SlotBlocks,
        kind: Kind,
        which: Ints,
        gains: Floats,
        slot: Slot,
        hope: Floats,
    ) -> Parts:
        problem, row = self.problem, parts.row[at]
        cost = parts.cost[at] + kind.rest[which] + blocks.by_input(kind, which, row)
        residual = parts.blocks[at] + blocks.options.move.residual
        fits = residual <= problem.chain.blocks
        if self.limited:
            fits &= np.all((cost <= self.program.limits) | self._signed, axis=1)
        made = Parts(
            row=kind.outs[kind.out[which]],
            score=parts.score[at] + gains[np.arange(len(at)), row],
            cost=cost,
            blocks=residual,
            parent=parents[at],
            option=kind.which[which],
            slot=np.full(len(at), self._slots.index(slot)),
            hope=hope,
        )
        return made.take(fits)

    def _closed(self, place: int, target: int, parts: Parts) -> Parts:
        """Return partial networks at the end of a stage; the last stage ends with the classifier."""
        if place < len(self.program.stages) - 1:
            return parts
        program = self.program
        widths = self.problem.arriving(self.problem.steps - 1)[parts.row]
        gain = program.score.closing(widths)
        cost = parts.cost + self.problem.of_classifier(widths)
        return replace(parts, score=parts.score + program.coefficients[place][target] * gain, cost=cost)

    def _complete(self, done: list[Parts]) -> Complete:
        problem = self.problem
        none = np.zeros(0, np.int64)
        parts = Parts.join(done) if done else self._trail[0].take(none)
        if self.limited:
            fits = np.flatnonzero(np.all((parts.cost <= self.program.limits) | self._free, axis=1))
            order = fits[np.argsort(-parts.score[fits], kind="stable")]
        else:
            order = np.lexsort((-parts.score, parts.cost[:, 0]))
            best = np.maximum.accumulate(parts.score[order])
            order = order[np.diff(best, prepend=-np.inf) > 0][::-1]
        trail = Parts.join(self._trail)
        accepts, chosen, networks = problem.chain.rules.accepts, [], []
        for number in order.tolist():
            network = self._walk_back(trail, int(parts.parent[number]))
            if accepts is None or accepts(built(problem, network)):
                chosen.append(number)
                networks.append(network)
                if len(chosen) == self.returned:
                    break
        kept = np.array(chosen, np.int64)
        return Complete(parts.score[kept], parts.cost[kept], networks, self._count, self.cut)

    def _walk_back(self, trail: Parts, number: int) -> tuple[Block, ...]:
        blocks: list[Block] = []
        while number >= 0:
            if trail.parent[number] >= 0 and trail.option[number] >= 0:
                blocks.append((self._slots[trail.slot[number]], int(trail.option[number])))
            number = int(trail.parent[number])
        return tuple(reversed(blocks))
