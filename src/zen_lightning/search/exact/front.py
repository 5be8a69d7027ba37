"""The best network under each of several limits on one cost, and bounds for all limits in between."""

import math
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import Found, nothing_fits, solve
from zen_lightning.search.objectives import SPAN
from zen_lightning.search.processes import limit_threads
from zen_lightning.search.run import SearchSetup


class Line(NamedTuple):
    """The result of solving one limit, with what it proves for all other limits.

    Attributes:
        limit: the limit on the cost.
        best: highest score under the limit, to 1e-6.
        by_price: a bound under the limit from the price alone.
        price: price of the cost: with a limit lower by d the bound is lower by ``price * d``.
        networks: the best network first, then others, also of other costs, that are about as good at the price.
    """

    limit: float
    best: float
    by_price: float
    price: float
    networks: list[Found]


def limits_below(largest: float, count: int) -> list[float]:
    """Return limits that fall by a constant factor from the largest to a sixteenth of it.

    Example:
        >>> limits_below(1600, 3)
        [1600, 400, 100]
    """
    if count == 1:
        return [math.floor(largest)]
    return [math.floor(largest / SPAN ** (number / (count - 1)) + 1e-9) for number in range(count)]


def solve_front(
    setup: SearchSetup,
    cost: str,
    limits: Sequence[float],
    resolution: int,
    processes: int,
    notify: Callable[[Line], None],
) -> list[Line]:
    """Return the result for each limit, the largest limit first; limits that no network meets are left out.

    Args:
        setup: setup of a search under the largest limits.
        cost: name of the cost whose limit varies.
        limits: the limits.
        resolution: height and width of the images.
        processes: number of limits solved at a time.
        notify: called with each result.

    Raises:
        UserError: no network meets the largest limit; or see :func:`request_of`.
    """
    request_of(setup, resolution)
    jobs = [(setup, cost, limit, resolution) for limit in limits]
    lines = []
    if processes == 1:
        solved = map(_solve_one, jobs)
        lines = [line for line in map(_told(notify), solved) if line is not None]
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(jobs)), context, limit_threads, (1,)) as executor:
            lines = [line for line in map(_told(notify), executor.map(_solve_one, jobs)) if line is not None]
    if not lines:
        raise nothing_fits()
    return lines


def bound_at(lines: Sequence[Line], cost: float) -> float:
    """Return an upper bound of the score of every network that costs no more.

    It is the smallest of the bounds by prices and of the optima under limits that are no lower.
    """
    by_price = [line.by_price - line.price * (line.limit - cost) for line in lines]
    return min(by_price + [line.best for line in lines if line.limit >= cost])


def _told(notify: Callable[[Line], None]) -> Callable[[Line | None], Line | None]:
    def tell(line: Line | None) -> Line | None:
        if line is not None:
            notify(line)
        return line

    return tell


def _solve_one(job: tuple[SearchSetup, str, float, int]) -> Line | None:
    setup, cost, limit, resolution = job
    request = request_of(setup, resolution)
    costs = tuple(replace(one, maximum=limit) if one.name == cost else one for one in request.costs)
    request = request._replace(costs=costs)
    try:
        solution = solve(request.chain, request.costs, request.score, every_cost=True)
    except UserError:
        return None
    best = solution.networks[0].score
    return Line(
        limit, max(best, solution.bound), solution.by_prices, solution.prices[cost], solution.networks + solution.every_cost
    )
