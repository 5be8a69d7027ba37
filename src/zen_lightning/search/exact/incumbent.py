"""A good first network, from the program over few widths and its most promising partial networks."""

import numpy as np

from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.bound import Program
from zen_lightning.search.exact.cells import excess_cells
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.enumeration import Complete, Enumeration
from zen_lightning.search.exact.prices import lowest
from zen_lightning.search.exact.problem import Problem, problem_of
from zen_lightning.search.exact.pruning import prune
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import Widths, spread

_FACTOR = 1.15
"""Ratio of the few widths. A choice: coarse, so that the first problem is small."""

_WORTH = 12.0
"""Score that the whole limit of a cost is worth at the price tried first. A choice: the search for prices corrects it."""

_FURTHEST = 1e7
"""Distance below the bound at which the search for a first network ends. A choice: no two scores differ that much."""

_CELLS = 12
_NEAR = (4.0, 2.0)
"""Cells of the second pass, and distances below the bound within which each pass looks for a network at first; both grow until
one is found. A choice: larger
distances keep more blocks."""


def few_widths(chain: Chain, widths: Widths, costs: tuple[Cost, ...], score: AdditiveScore) -> Problem:
    """Return the problem with widths that rise by a factor, and bottlenecks of few widths or as wide as the block."""
    largest = int(widths.channels[-1])
    outs, bottlenecks = spread(widths, _FACTOR, largest), spread(widths, _FACTOR**3, largest)
    return problem_of(chain, widths, costs, score, outs, bottlenecks, tied=True)


def first_prices(problem: Problem) -> Floats:
    """Return prices under which the bound of a problem is about the lowest, with one cell of the excess."""
    program = Program(problem, [excess_cells(1)] * problem.steps)
    worth = np.array([_WORTH / max(1.0, cost.maximum - cost.constant) for cost in problem.costs])
    if not len(worth):
        return worth
    # Up and down by a factor of 24, to 5%: a choice, as later passes improve the prices.
    return lowest(lambda prices: program.solve(prices).value, worth, 24.0, 0.05)[0]


def promising(problem: Problem, prices: Floats, most: int) -> tuple[Problem, Complete]:
    """Return good networks of a problem, and the reduced problem that contains them.

    Args:
        problem: a problem over few widths.
        prices: price of each cost.
        most: number of partial networks kept for each node.
    """
    distance = 1.0
    while True:
        # High prices prefer cheap networks: if any network is within the limits, it is found in the end.
        left, program = problem, Program(problem, [excess_cells(1)] * problem.steps)
        for near in _NEAR:
            bound = program.solve(prices)
            if bound.value == -np.inf:
                break
            pruned = prune(program, bound, bound.value - near * distance)
            left = left.keep({slot: values >= bound.value - near * distance for slot, values in pruned.best.items()})
            program = Program(left, pruned.cells(_CELLS))
        bound = program.solve(prices)
        found = Enumeration(program, bound, -np.inf, most).run()
        if len(found.score) or distance > _FURTHEST:
            return left, found
        distance, prices = 4 * distance, 3 * prices
