"""A good network to begin with: the program over few widths, and the most promising partial networks of it."""

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
_WORTH = 12.0
"""The limit of a cost is worth about so much score: where its price is looked for first."""

_FURTHEST = 1e7
_CELLS = 12
_NEAR = (4.0, 2.0)
"""So far below a bound on one cell, and on several, the best network over few widths is looked for; then further."""


def few_widths(chain: Chain, widths: Widths, costs: tuple[Cost, ...], score: AdditiveScore) -> Problem:
    """Return the problem with widths that rise by a factor, and bottlenecks of such a width or as wide as the block."""
    largest = int(widths.channels[-1])
    outs, bottlenecks = spread(widths, _FACTOR, largest), spread(widths, _FACTOR**3, largest)
    return problem_of(chain, widths, costs, score, outs, bottlenecks, tied=True)


def first_prices(problem: Problem) -> Floats:
    """Return prices under which the bound of a problem is about lowest, on one cell of the excess."""
    program = Program(problem, [excess_cells(1)] * problem.steps)
    worth = np.array([_WORTH / max(1.0, cost.maximum - cost.constant) for cost in problem.costs])
    if not len(worth):
        return worth
    return lowest(lambda prices: program.solve(prices).value, worth, 24.0, 0.05)[0]


def promising(problem: Problem, prices: Floats, most: int) -> tuple[Problem, Complete]:
    """Return good networks of a problem, and the problem that they are of.

    Args:
        problem: over few widths.
        prices: of the costs.
        most: partial networks kept for each node.
    """
    distance = 1.0
    while True:
        # Under high prices the cheapest networks come first: if any keeps to the limits, it is found in the end.
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
