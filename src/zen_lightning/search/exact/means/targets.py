"""The totals that stages of a problem can have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.means.blocks import totals_of
from zen_lightning.search.exact.means.score import NOTHING, StageMeans, Totals
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time


@dataclass(frozen=True)
class Stage:
    """A stage of a problem.

    Attributes:
        number: number of the stage.
        steps: numbers of its steps.
        least: the fewest layers of a network in it.
        before: the fewest layers of a network in all stages before it.
        after: the fewest layers of a network in all stages after it.
    """

    number: int
    steps: tuple[int, ...]
    least: int
    before: int
    after: int


def stages_of_problem(problem: Problem) -> list[Stage]:
    """Return the stages of a problem, in order."""
    steps = problem.chain.steps
    numbers = sorted({move.place.stage for move in steps})
    members = [tuple(step for step, move in enumerate(steps) if move.place.stage == number) for number in numbers]
    least = [sum(int(problem.options[step, False].layers.min()) for step in group) for group in members]
    return [
        Stage(number, group, least[place], sum(least[:place]), sum(least[place + 1 :]))
        for place, (number, group) in enumerate(zip(numbers, members, strict=True))
    ]


def possible_totals(problem: Problem, stages: Sequence[Stage]) -> list[list[Totals]]:
    """Return the totals that each stage can have within the limit on layers and the rules."""
    score = problem.score
    assert isinstance(score, StageMeans)
    counts: dict[Slot, list[Totals]] = {
        slot: [Totals(*row) for row in np.unique(totals_of(options, score, problem.widths), axis=0).tolist()]
        for slot, options in problem.options.items()
    }
    residual = sum(move.residual for move in problem.chain.steps)
    found = []
    for stage in stages:
        layers = problem.chain.layers - stage.before - stage.after
        blocks = problem.chain.blocks - residual + sum(problem.chain.steps[step].residual for step in stage.steps)
        sums = {(NOTHING, 0)}
        for step in stage.steps:
            is_residual = problem.chain.steps[step].residual
            sums = _extended(sums, counts[step, False], is_residual, layers, blocks)
            new = sums
            while new and (step, True) in counts:
                new = _extended(new, counts[step, True], is_residual, layers, blocks) - sums
                sums = sums | new
        found.append(sorted({totals for totals, _ in sums if _is_allowed(problem, stage, totals)}))
    return found


def _extended(
    sums: Iterable[tuple[Totals, int]], counts: list[Totals], is_residual: bool, layers: int, blocks: int
) -> set[tuple[Totals, int]]:
    check_time()
    more = {(totals.plus(one), used + is_residual) for totals, used in sums for one in counts}
    return {(totals, used) for totals, used in more if totals.layers <= layers and used <= blocks}


def _is_allowed(problem: Problem, stage: Stage, totals: Totals) -> bool:
    """Whether the rules allow a stage so many sub-layers; they do not count the stem and a last convolution."""
    rules, moves = problem.chain.rules, [problem.chain.steps[step] for step in stage.steps]
    if not any(move.stage is not None for move in moves):
        return True
    counted = totals.layers - sum(move.fixed_layers for move in moves if move.stage is None)
    return counted >= rules.least_layers and (rules.most_layers is None or counted <= rules.most_layers)
