"""Label setting over stages: every partial network that can still reach a threshold, the totals of each stage chosen ahead."""

from dataclasses import replace

import numpy as np

from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.beam import SPARE, Beam
from zen_lightning.search.exact.complete import Complete, completed
from zen_lightning.search.exact.means.blocks import Kind, SlotBlocks
from zen_lightning.search.exact.means.dominance import unbeaten
from zen_lightning.search.exact.means.program import MeansBound, MeansProgram
from zen_lightning.search.exact.means.score import NOTHING, Totals
from zen_lightning.search.exact.partial import PartialNetworks
from zen_lightning.search.exact.problem import Slot
from zen_lightning.search.exact.trail import Trail
from zen_lightning.search.time_limit import check_time

_AT_ONCE = 2_000_000
"""Pairs of a partial network and a block that are evaluated together. A choice: it bounds the memory."""

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
        self.beam = Beam(threshold, most)
        self.returned, self.limited = returned, limited
        self._base = float(bound.prices @ program.limits)
        self._slots = sorted(self.problem.options)
        self._trail = Trail(self._slots)

    def run(self) -> Complete:
        """Return the networks, best first."""
        program = self.program
        here: dict[int, list[PartialNetworks]] = {self.problem.chain.layers: [self._image()]}
        for place, stage in enumerate(program.stages):
            states = self._begun(place, here)
            for step in stage.steps:
                ahead: dict[State, list[PartialNetworks]] = {}
                for state, (parts, first) in states.items():
                    self._extend(place, (step, False), state, parts, first, ahead)
                states = self._settled(place, step, ahead)
            here = {}
            for (target, done, left), (parts, first) in states.items():
                if done == program.targets[place][target]:
                    parts = replace(parts, parent=first + np.arange(len(parts)), option=np.full(len(parts), -1))
                    here.setdefault(left, []).append(self._closed(place, target, parts))
        return self._complete([parts for several in here.values() for parts in several])

    def _image(self) -> PartialNetworks:
        zero, none = np.zeros(1), np.zeros(1, np.int64)
        costs = np.zeros((1, len(self.problem.costs)), np.int64)
        return PartialNetworks(none, zero + self.program.score.constant, costs, none, none - 1, none, none, zero)

    def _begun(self, place: int, here: dict[int, list[PartialNetworks]]) -> dict[State, tuple[PartialNetworks, int]]:
        """Return the partial networks that begin a stage, for every target."""
        program, states = self.program, {}
        least, columns = program.columns(place)
        for left, several in here.items():
            parts = PartialNetworks.join(several)
            if len(self._trail):
                parts = parts.take(unbeaten(parts))
            first = self._trail.record(parts)
            entry = self.bound.entries[place][parts.row, min(left - least, columns - 1)]
            promising = self._hope(parts, entry) >= self.beam.threshold
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

    def _hope(self, parts: PartialNetworks, following: Floats) -> Floats:
        hope: Floats = parts.score - parts.cost @ self.bound.prices + self._base + following
        return hope

    def _column(self, place: int, left: int) -> int:
        least, columns = self.program.lefts[place]
        return min(left - least, columns - 1)

    def _settled(
        self, place: int, step: int, ahead: dict[State, list[PartialNetworks]]
    ) -> dict[State, tuple[PartialNetworks, int]]:
        """Return the partial networks kept at a node, also those with extra blocks, and the number of the first of each."""
        found: dict[State, tuple[PartialNetworks, int]] = {}
        most = max((done.layers for _, done, _ in ahead), default=0)
        layers = 0
        while layers <= most:
            for state in [state for state in ahead if state[1].layers == layers]:
                parts = self.beam.most_promising(PartialNetworks.join(ahead.pop(state)), SPARE)
                parts = self.beam.most_promising(parts.take(unbeaten(parts)))
                first = self._trail.record(parts)
                found[state] = parts, first
                if (step, True) in self.program.slots:
                    self._extend(place, (step, True), state, parts, first, ahead)
                    most = max(most, *(done.layers for _, done, _ in ahead), 0)
            layers += 1
        return found

    def _extend(
        self, place: int, slot: Slot, state: State, parts: PartialNetworks, first: int, into: dict[State, list[PartialNetworks]]
    ) -> None:
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
            outs = np.flatnonzero((following[:, None] + table[:, parts.row] + net).max(axis=1) >= self.beam.threshold)
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
                which, at = np.nonzero(hope >= self.beam.reach(hope))
                made = self._made(parts, parents, some[at], blocks, kind, chosen[which], gains[which], slot, hope[which, at])
                if len(made):
                    into.setdefault((target, more, left), []).append(made)

    def _made(
        self,
        parts: PartialNetworks,
        parents: Ints,
        at: Ints,
        blocks: SlotBlocks,
        kind: Kind,
        which: Ints,
        gains: Floats,
        slot: Slot,
        hope: Floats,
    ) -> PartialNetworks:
        problem, row = self.problem, parts.row[at]
        cost = parts.cost[at] + kind.rest[which] + blocks.by_input(kind, which, row)
        residual = parts.blocks[at] + blocks.options.move.residual
        fits = residual <= problem.chain.blocks
        if self.limited:
            fits &= np.all((cost <= self.program.limits) | self.problem.signed, axis=1)
        made = PartialNetworks(
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

    def _closed(self, place: int, target: int, parts: PartialNetworks) -> PartialNetworks:
        """Return partial networks at the end of a stage; the last stage ends with the classifier."""
        if place < len(self.program.stages) - 1:
            return parts
        program = self.program
        widths = self.problem.arriving(self.problem.steps - 1)[parts.row]
        gain = program.score.closing(widths)
        cost = parts.cost + self.problem.of_classifier(widths)
        return replace(parts, score=parts.score + program.coefficients[place][target] * gain, cost=cost)

    def _complete(self, done: list[PartialNetworks]) -> Complete:
        parts = PartialNetworks.join(done) if done else self._image().take(np.zeros(0, np.int64))
        if self.limited:
            fits = np.flatnonzero(np.all((parts.cost <= self.program.limits) | self.problem.free, axis=1))
            order = fits[np.argsort(-parts.score[fits], kind="stable")]
        else:
            order = np.lexsort((-parts.score, parts.cost[:, 0]))
            best = np.maximum.accumulate(parts.score[order])
            order = order[np.diff(best, prepend=-np.inf) > 0][::-1]
        return completed(self.problem, parts, order, self._trail, self.returned, self.beam.cut, parts.score, parts.cost)
