"""A good first network, from the program over few widths and its most promising partial networks."""

from collections.abc import Callable, Sequence

import numpy as np

from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.bound import Program
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.complete import Complete
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.enumeration import Enumeration
from zen_lightning.search.exact.first_cells import first_cells
from zen_lightning.search.exact.prices import lowest
from zen_lightning.search.exact.problem import Problem, problem_of
from zen_lightning.search.exact.pruning import prune
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import multiples_up_to, spread

_FACTOR = 1.15
"""Ratio of the few widths; squared where every block is stated for each input width. A choice: coarse, so that the first
problem is small."""

_WORTH = 12.0
"""Score that the whole limit of a cost is worth at the price tried first. A choice: the search for prices corrects it."""

_LITTLE = 1e-3
"""Part of the first price of a limit at which it is seen whether the limit matters. A choice."""

_FURTHEST = 1e7
"""Distance below the bound at which the search for a first network ends. A choice: no two scores differ that much."""

_CELLS = 12
_NEAR = (4.0, 2.0)
"""Cells of the second pass, and distances below the bound within which each pass looks for a network at first; both grow until
one is found. A choice: larger
distances keep more blocks."""


def few_widths(chain: Chain, largest: int, costs: tuple[Cost, ...], score: AdditiveScore, factor: float = _FACTOR) -> Problem:
    """Return the problem with widths up to the largest that rise by a factor, and bottlenecks of few widths or as wide as the
    block.
    """
    widths = multiples_up_to(largest, chain.fixed_widths)
    outs = spread(widths, factor**2 if any(move.by_input for move in chain.steps) else factor, largest)
    bottlenecks = spread(widths, factor**3, largest)
    return problem_of(chain, widths, costs, score, outs, bottlenecks, tied=True)


def first_prices(problem: Problem) -> Floats:
    """Return prices under which the bound of a problem is about the lowest, with one cell of the excess."""
    program = Program(problem, first_cells(problem))
    return prices_of(problem.costs, lambda prices: program.solve(prices).value)


def prices_of(costs: Sequence[Cost], bound: Callable[[Floats], float]) -> Floats:
    """Return prices under which a bound is about the lowest.

    Args:
        costs: the limited costs.
        bound: the bound as a function of their prices.
    """
    worth = np.array([_first_price(cost) for cost in costs])
    if not len(worth):
        return worth
    # Up and down by a factor of 24, to 5%: a choice, as later passes improve the prices.
    signed = np.array([cost.signed for cost in costs])
    prices, value = lowest(bound, np.where(signed, 0.0, worth), 24.0, 0.05)
    # The bound is convex in the prices: a limit that lowers it at a high price does so at a low one.
    active = [n for n in np.flatnonzero(signed & (worth > 0)).tolist() if bound(_with(prices, n, _LITTLE * worth[n])) < value]
    for number in active:
        prices = _with(prices, number, worth[number])
    return lowest(bound, prices, 24.0, 0.05)[0] if active else prices


def _with(prices: Floats, number: int, price: float) -> Floats:
    changed = prices.copy()
    changed[number] = price
    return changed


def _first_price(cost: Cost) -> float:
    if not cost.limited:
        return 0.0
    return _WORTH / (cost.scale or max(1.0, cost.maximum - cost.constant))


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
        left, program = problem, Program(problem, first_cells(problem))
        for near in _NEAR:
            bound = program.solve(prices)
            if bound.value == -np.inf:
                break
            pruned = prune(program, bound, bound.value - near * distance)
            left = left.keep({slot: values >= bound.value - near * distance for slot, values in pruned.best.items()})
            program = Program(left, pruned.cells(_CELLS))
        bound = program.solve(prices)
        found = Enumeration(program, [bound], -np.inf, most).run()
        if len(found.score) or distance > _FURTHEST:
            return left, found
        distance, prices = 4 * distance, 3 * prices
