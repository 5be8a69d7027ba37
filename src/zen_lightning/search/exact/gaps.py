"""The kernels' part of the last term: its largest value for each block, over everything that may come before the block."""

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats
from zen_lightning.search.exact.options import Options
from zen_lightning.search.exact.problem import Problem, Slot


def bonuses(problem: Problem, slot: Slot, gaps: list[list[float]]) -> Floats:
    """Return the largest part of the last term due to kernels, if no block with kernels to choose follows: shape (blocks,).

    It is counted with the last block whose kernels are chosen. Its input gap is at most the largest that any blocks before it
    give that leave layers for it and for all later steps; the gap after a block rises with the gap before it.

    Args:
        problem: the problem of the blocks.
        slot: a slot of the turn.
        gaps: see :func:`largest_gaps`.
    """
    options, states = problem.options[slot], problem.chain.states
    step, is_extra = slot
    ahead = gaps[step + is_extra]
    later = sum(move.fixed_layers for move in problem.chain.steps[step + 1 :])
    found = np.full(len(options), NEVER)
    numbers = options.kinds
    for number, (name, layers) in _names(options).items():
        following = states.after(slot, layers)
        gap = max(
            (gap for gap, then in zip(ahead, following, strict=True) if then >= 0 and states.left(then) >= later), default=0
        )
        if gap > 0:
            after = _after(problem, slot, name, layers, gap)
            found[numbers == number] = problem.after_turn(after, (name, layers, slot))
    return found


def largest_gaps(problem: Problem) -> list[list[float]]:
    """Return the largest gap before each step up to the one after the turn, in each state; 0 where no network gets there.

    Those before step n + 1 are those after step n and any extra blocks, so extra blocks after step n begin at them, too.
    """
    states = problem.chain.states
    before = [0.0] * len(states)
    before[states.first] = problem.score.first_gap
    every = [before]
    for step in range(problem.turn + 1):
        ahead = [0.0] * len(states)
        for slot in problem.slots(step):
            source = ahead if slot[1] else before
            found = _names(problem.options[slot]).values()
            # Extra blocks lead to a lower state of where they start: from high to low, all inputs are known.
            for state in range(len(states) - 1, -1, -1):
                if not source[state]:
                    continue
                for name, layers in found:
                    then = states.after(slot, layers)[state]
                    if then >= 0:
                        ahead[then] = max(ahead[then], _after(problem, slot, name, layers, source[state]))
        every.append(before := ahead)
    return every


def _names(options: Options) -> dict[int, tuple[str, int]]:
    """Return the names and sub-layers of blocks, by the number of each pair in :attr:`Options.kinds`."""
    move = options.move
    numbers = np.flatnonzero(np.bincount(options.kinds)).tolist()
    return {number: (move.names[number // (move.layers + 1)], number % (move.layers + 1)) for number in numbers}


def _after(problem: Problem, slot: Slot, name: str, layers: int, gap: float) -> float:
    move = problem.options[slot].move
    return problem.score.gap_after(name, layers, move.stride, move.place, gap)
