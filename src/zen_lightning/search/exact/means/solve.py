"""The optimum of a score that averages over the layers of each stage, with a proof."""

import numpy as np

from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.complete import Complete
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.course import TOLERANCE, Course, Priced
from zen_lightning.search.exact.incumbent import few_widths, prices_of
from zen_lightning.search.exact.means.blocks import without_rivals
from zen_lightning.search.exact.means.enumeration import MeansEnumeration
from zen_lightning.search.exact.means.program import MeansBound, MeansProgram
from zen_lightning.search.exact.means.pruning import prune_means
from zen_lightning.search.exact.means.score import StageMeans, Totals
from zen_lightning.search.exact.means.targets import possible_totals, stages_of_problem
from zen_lightning.search.exact.prices import lowest
from zen_lightning.search.exact.problem import Problem

_THIN, _FEW = 1.4, 1.2
"""Ratios of the few widths on which prices and a first network are found. A choice: coarse, so that it takes seconds."""

_BEAM, _FIRST_BEAM = 2_000, 75
"""Partial networks kept for each node where a good network is enough. A choice: it changes no result."""

_NEAR = 0.25
"""Distance below the bound within which a first network is looked for at first; it grows until one is found. A choice."""

_FURTHEST = 1e7
"""Distance below the bound at which the search for a first network ends. A choice: no two scores differ that much."""

_SHRINKS = 0.7
"""The blocks are reduced again where a pass leaves less than this part of them. A choice."""

_SMALL = 30_000
"""With at most so many blocks left prices are improved. A choice: it takes some twenty solutions of the program."""


def first_network(
    chain: Chain, largest: int, costs: tuple[Cost, ...], score: StageMeans, course: Course
) -> tuple[Problem, Complete]:
    """Find prices and good networks of few widths.

    Args:
        chain: the networks of the space.
        largest: the largest width.
        costs: the limited costs.
        score: the score to maximise.
        course: its prices are set.
    """
    thin, targets = _problem_of(few_widths(chain, largest, costs, score, _THIN), np.zeros(len(costs)))
    program = MeansProgram(thin, targets)
    course.prices = prices_of(costs, lambda prices: program.solve(prices).value)
    problem, targets = _problem_of(few_widths(chain, largest, costs, score, _FEW), course.prices)
    prices, distance = course.prices, _NEAR
    while True:
        # High prices prefer cheap networks: if any network is within the limits, it is found in the end.
        program = MeansProgram(problem, targets)
        bound = program.solve(prices)
        left, few = prune_means(program, bound, bound.value - distance).keep(program, bound.value - distance)
        found = Complete(np.zeros(0), np.zeros((0, 0), np.int64), [], 0, False)
        if left.is_complete and all(few):
            near = MeansProgram(left, few)
            found = MeansEnumeration(near, near.solve(prices), bound.value - distance, _FIRST_BEAM).run()
        if len(found.score) or distance > _FURTHEST:
            return left, found
        distance, prices = 4 * distance, 3 * prices


def _problem_of(problem: Problem, prices: Floats) -> tuple[Problem, list[list[Totals]]]:
    problem = without_rivals(problem, prices)
    return problem, possible_totals(problem, stages_of_problem(problem))


def refine_means(problem: Problem, course: Course, margin: float) -> tuple[MeansProgram, MeansBound]:
    """Drop the blocks and totals that occur in no network with a score within ``margin`` of the best known.

    Args:
        problem: the problem with all blocks.
        course: the best network, the prices and the bound, which are improved.
        margin: see above.

    Returns:
        the program of what remains, and its bound.
    """
    problem, targets = _problem_of(problem, course.prices)
    course.dropped.clear()
    while True:
        program = MeansProgram(problem, targets)
        if problem.size <= _SMALL and len(problem.costs):
            course.prices = lowest(lambda at: program.solve(at).value, course.prices, 1.06, 0.003)[0]  # noqa: B023
        bound = program.solve(course.prices)
        course.bounded(bound.value, bound.prices)
        threshold = course.best - margin - TOLERANCE
        course.bound = min(course.bound, max(bound.value, course.best - margin))
        course.tell("totals of stages", problem.size)
        course.dropped.append(Priced(threshold, tuple(bound.prices.tolist())))
        left, targets = prune_means(program, bound, threshold).keep(program, threshold)
        is_smaller, problem = left.size < _SHRINKS * problem.size, left
        program = MeansProgram(problem, targets)
        bound = program.solve(course.prices)
        sketch = MeansEnumeration(program, bound, course.best, _BEAM).run()
        known = course.best
        course.learn(problem, sketch)
        if course.best <= known + TOLERANCE and not is_smaller:
            return program, bound
