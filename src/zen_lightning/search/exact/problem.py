"""The problem to solve: blocks for every move of a chain, and limits on the costs of a network of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Ints
from zen_lightning.search.exact.blocks import options_of
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.options import Options
from zen_lightning.search.exact.peaks import classifier_fits
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import Widths

Slot = tuple[int, bool]
"""A set of blocks: the number of a step, and whether they are the extra blocks after it or the blocks of the step itself."""


@dataclass(frozen=True)
class Problem:
    """Blocks for every move of a chain, and limits on the costs of a network of them.

    Attributes:
        score: the score to maximise.
        widths: the widths of blocks.
        costs: the limited costs.
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
        """Number of blocks to choose from, over all slots."""
        return sum(map(len, self.options.values()))

    @property
    def is_complete(self) -> bool:
        """Whether every step has blocks, without which there is no network."""
        return all(len(self.options[step, False]) for step in range(self.steps))

    @property
    def steps(self) -> int:
        """Number of steps of the chain."""
        return len(self.chain.steps)

    @property
    def turn(self) -> int:
        """The last step whose kernels can be chosen; those of all later steps are fixed. 0 if there is no such step."""
        return max((number for number, move in enumerate(self.chain.steps) if move.residual), default=0)

    @cached_property
    def signed(self) -> Bools:
        """Which costs may be below 0, shape (costs,)."""
        return np.array([cost.signed for cost in self.costs], bool)

    @cached_property
    def free(self) -> Bools:
        """Which costs have no limit, shape (costs,)."""
        return np.array([not cost.limited for cost in self.costs], bool)

    def read(self, widths: Ints) -> Ints:
        """Return input widths as each cost reads them, shape (widths, costs)."""
        columns = [cost.read(widths) for cost in self.costs]
        return np.stack(columns, axis=1) if columns else np.zeros((len(widths), 0), np.int64)

    def of_classifier(self, widths: Ints) -> Ints:
        """Return the costs of the classifier behind so many channels, shape (widths, costs)."""
        columns = [cost.of_classifier(widths) for cost in self.costs]
        return np.stack(columns, axis=1) if columns else np.zeros((len(widths), 0), np.int64)

    def slots(self, step: int) -> Iterator[Slot]:
        """Yield the slots whose blocks lead to the node after a step."""
        for slot in ((step, False), (step, True)):
            if slot in self.options:
                yield slot

    def rows(self, step: int) -> Ints:
        """Return the numbers of the widths after a step; the image, before the first step (-1), is one row."""
        if step < 0:
            return np.zeros(1, np.int64)
        there = np.zeros(len(self.widths), bool)
        for slot in self.slots(step):
            there[self.options[slot].outs] = True
        return np.flatnonzero(there)

    def arriving(self, step: int) -> Ints:
        """Return the channels of each row of the node after a step."""
        return self.widths.channels[self.rows(step)] if step >= 0 else np.array([self.chain.image_channels])

    def keep(self, kept: dict[Slot, Bools]) -> "Problem":
        """Return the problem with the blocks that are marked."""
        options = {slot: options.keep(kept[slot]) for slot, options in self.options.items()}
        return replace(self, options={slot: left for slot, left in options.items() if len(left) or not slot[1]})

    def after_turn(self, gap: float, last: tuple[str, int, Slot]) -> float:
        """Return the kernels' part of the last term from the gap after the last block whose kernels are chosen.

        Args:
            gap: the gap after that block.
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
    """Return the problem with all blocks of some widths; see :func:`~zen_lightning.search.exact.blocks.options_of`."""
    options: dict[Slot, Options] = {}
    rules = chain.rules
    arriving = widths.numbers([chain.image_channels])
    for step, (move, extra) in enumerate(zip(chain.steps, chain.extra, strict=True)):
        options[step, False] = options_of(move, widths, costs, score, outs, bottlenecks, tied, arriving, rules)
        arriving = outs if move.fixed is None else widths.numbers([move.fixed[0]])
        if extra is not None:
            options[step, True] = options_of(extra, widths, costs, score, outs, bottlenecks, tied, arriving, rules)
    if rules.peak is not None:
        for slot in {(len(chain.steps) - 1, False), (len(chain.steps) - 1, True)} & options.keys():
            last = options[slot]
            size = -(-last.move.place.size // last.move.stride)
            fits = classifier_fits(widths.channels[last.outs], size, rules.num_classes, rules.peak)
            options[slot] = last.keep(fits)
    return Problem(score, widths, tuple(costs), chain, options)
