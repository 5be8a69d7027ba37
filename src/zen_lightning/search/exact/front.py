"""The best network under each of several limits on one cost, and a bound under any limit in between."""

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
    """What solving one limit proves for all limits.

    Attributes:
        limit: of the cost.
        best: highest score under the limit; no network within it scores more, to 1e-6.
        by_price: a bound under the limit by a price alone.
        price: of the cost: under a limit that is lower by d the bound is lower by ``price * d``.
        networks: the best first; then others, also of other costs, that are about as good at the price.
    """

    limit: float
    best: float
    by_price: float
    price: float
    networks: list[Found]


def limits_below(largest: float, count: int) -> list[float]:
    """Return limits that fall by one factor from the largest to a sixteenth of it.

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
    """Return what each limit's optimum proves, the largest limit first; limits that no network keeps to are left out.

    Args:
        setup: of a search under the largest limits.
        cost: name of the limit that varies.
        limits: on it.
        resolution: height and width of the images.
        processes: limits that are solved at a time.
        notify: called with each as it is solved.

    Raises:
        UserError: no network keeps to the largest limit, or see :func:`request_of`.
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
    """Return a bound of the score of every network that costs no more.

    It is the least of what prices say, and of the optima under limits that are no lower.
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
