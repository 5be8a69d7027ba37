"""What is to be solved: blocks for every move of a chain, and what a network of them may cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.options import Options, options_of
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import Widths

Slot = tuple[int, bool]
"""A place for blocks: after which step they are placed, or of which step they are; and whether they are extra ones."""


@dataclass(frozen=True)
class Problem:
    """Blocks for every move of a chain, and what a network of them may cost.

    Attributes:
        score: to maximise.
        widths: that the blocks' widths are of.
        costs: that are limited.
        chain: the moves.
        options: the blocks of each slot.
    """

    score: AdditiveScore
    widths: Widths
    costs: tuple[Cost, ...]
    chain: Chain
    options: dict[Slot, Options]

    @property
    def size(self) -> int:
        """How many blocks there are to choose from, over all slots."""
        return sum(map(len, self.options.values()))

    @property
    def is_complete(self) -> bool:
        """Whether every step has blocks, so that there can be a network."""
        return all(len(self.options[step, False]) for step in range(self.steps))

    @property
    def steps(self) -> int:
        """How many steps the chain has."""
        return len(self.chain.steps)

    @property
    def turn(self) -> int:
        """The last step whose kernels are to be chosen; those of all later steps are fixed. 0 where there is no such step."""
        return max((number for number, move in enumerate(self.chain.steps) if move.residual), default=0)

    def slots(self, step: int) -> Iterator[Slot]:
        """Yield the slots whose blocks lead to the node after a step."""
        for slot in ((step, False), (step, True)):
            if slot in self.options:
                yield slot

    def rows(self, step: int) -> Ints:
        """Return which widths there are after a step; the image before the first (-1) is one row."""
        if step < 0:
            return np.zeros(1, np.int64)
        there = np.zeros(len(self.widths), bool)
        for slot in self.slots(step):
            there[self.options[slot].outs] = True
        return np.flatnonzero(there)

    def arriving(self, step: int) -> Ints:
        """Return the channels that arrive from the node after a step, a row each."""
        return self.widths.channels[self.rows(step)] if step >= 0 else np.array([self.chain.image_channels])

    def keep(self, kept: dict[Slot, Bools]) -> "Problem":
        """Return the problem with the blocks that are marked."""
        options = {slot: options.keep(kept[slot]) for slot, options in self.options.items()}
        return replace(self, options={slot: left for slot, left in options.items() if len(left) or not slot[1]})

    def bonus(self, slot: Slot) -> Floats:
        """Return what kernels add to the last term, at most, if no block with kernels to choose follows: shape (blocks,).

        It is counted with the last block whose kernels are chosen; the gap that arrives at it is at most 1.
        """
        options = self.options[slot]
        step, _ = slot
        if step != self.turn:
            return np.zeros(len(options))
        names = options.name[options.base]
        found = np.zeros(len(options))
        move = options.move
        for name, layers in np.unique(np.stack([names, options.layers]), axis=1).T.tolist():
            gap = self.score.gap_after(move.names[name], layers, move.stride, move.place, 1.0)
            found[(names == name) & (options.layers == layers)] = self.after_turn(gap, (move.names[name], layers, slot))
        return found

    def after_turn(self, gap: float, last: tuple[str, int, Slot]) -> float:
        """Return the kernels' part of the last term from the gap after the last block whose kernels are chosen.

        Args:
            gap: after that block.
            last: its name, sub-layers and slot.
        """
        name, layers, slot = last
        move = self.options[slot].move
        for step in range(self.turn + 1, self.steps):
            move = self.chain.steps[step]
            name, layers = move.names[0], move.fixed[1] if move.fixed is not None else 1
            gap = self.score.gap_after(name, layers, move.stride, move.place, gap)
        return self.score.last_term(name, layers, move.stride, move.place, gap)


def problem_of(
    chain: Chain, widths: Widths, costs: Sequence[Cost], score: AdditiveScore, outs: Ints, bottlenecks: Ints, tied: bool = False
) -> Problem:
    """Return the problem with all blocks of some widths; see :func:`~zen_lightning.search.exact.options.options_of`."""
    options: dict[Slot, Options] = {}
    for step, (move, extra) in enumerate(zip(chain.steps, chain.extra, strict=True)):
        options[step, False] = options_of(move, widths, costs, score, outs, bottlenecks, tied)
        if extra is not None:
            options[step, True] = options_of(extra, widths, costs, score, outs, bottlenecks, tied)
    return Problem(score, widths, tuple(costs), chain, options)
