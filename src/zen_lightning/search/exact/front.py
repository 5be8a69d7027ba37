"""The best network under each of several limits on one or two costs, and bounds for all limits in between."""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from zen_lightning.budget import Limit
from zen_lightning.errors import UserError
from zen_lightning.search.exact.course import Found, Priced
from zen_lightning.search.exact.request import cost_of, request_of
from zen_lightning.search.exact.solve import nothing_fits, solve
from zen_lightning.search.objectives import SPAN
from zen_lightning.search.processes import executor_of
from zen_lightning.search.run import SearchSetup

_SHARES = (1.0, 0.8, 0.6, 0.45, 0.33)
"""Limits on a second objective, as parts of what the best network without one needs of it. A choice."""


REACH = 1.25
"""Times the limits up to which a result bounds what networks score. A choice: a little more than the ratio of two limits."""


class Line(NamedTuple):
    """The result of solving under limits on the objectives, with what it proves for lower and slightly higher ones.

    Attributes:
        limits: the limit on each objective; infinite where there is none.
        best: highest score under the limits, to 1e-6.
        priced: see :class:`~zen_lightning.search.exact.solution.Solution`; a price for each objective.
        networks: the best network first, then others, also of other costs, that are about as good at the prices.
    """

    limits: tuple[float, ...]
    best: float
    priced: tuple[Priced, ...]
    networks: list[Found]

    def bound(self, costs: Sequence[float]) -> float:
        """Return an upper bound of the score of every network that costs no more; infinite far above the limits."""
        pairs = list(zip(costs, self.limits, strict=True))
        if any(cost > REACH * limit for cost, limit in pairs):
            return math.inf
        beyond = [cost - limit if limit < math.inf else 0.0 for cost, limit in pairs]
        by_price: float = max(value + sum(map(operator.mul, prices, beyond)) for value, prices in self.priced)
        return min(self.best, by_price) if all(cost <= limit for cost, limit in pairs) else by_price


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
    objectives: Sequence[Limit],
    limits: Sequence[float],
    resolution: int,
    processes: int,
    notify: Callable[[Line], None],
) -> list[Line]:
    """Return the results for all limits, those under the largest limit on the first objective first.

    Limits that no network meets are left out. With a second objective every limit on the first is solved without one on the
    second, and then with limits on it that fall from what the best network needs of it.

    Args:
        setup: setup of a search under the largest limits.
        objectives: FLOPs, parameters, or both.
        limits: the limits on the first that the budget limits.
        resolution: height and width of the images.
        processes: number of limits on the first objective that are solved at a time.
        notify: called with each result.

    Raises:
        UserError: no network meets the largest limit; or see :func:`request_of`.
    """
    request_of(setup, resolution)
    jobs = [_Job(setup, tuple(objectives), first_of(objectives), limit, resolution) for limit in limits]
    lines: list[Line] = []
    if processes == 1:
        for job in jobs:
            _add(lines, _solve_under(job), notify)
    else:
        with executor_of(min(processes, len(jobs)), threads=1) as executor:
            for solved in executor.map(_solve_under, jobs):
                _add(lines, solved, notify)
    if not lines:
        raise nothing_fits()
    return lines


def first_of(objectives: Sequence[Limit]) -> int:
    """Return the place of the first objective that the budget limits: its limits are chosen, and those on the other follow."""
    return next(place for place, objective in enumerate(objectives) if objective.maximum < math.inf)


def bound_at(lines: Sequence[Line], costs: Sequence[float]) -> float:
    """Return an upper bound of the score of every network that costs no more: the least of what all results prove."""
    return min(line.bound(costs) for line in lines)


class _Job(NamedTuple):
    setup: SearchSetup
    objectives: tuple[Limit, ...]
    first: int
    limit: float
    resolution: int


def _add(lines: list[Line], solved: list[Line], notify: Callable[[Line], None]) -> None:
    for line in solved:
        notify(line)
    lines += solved


def _solve_under(job: _Job) -> list[Line]:
    """Return the result under one limit on the first objective, and those under limits on the second."""

    def solved(limit: float) -> Line | None:
        return _solve(job, tuple(job.limit if place == job.first else limit for place in range(len(job.objectives))))

    free = solved(math.inf)
    if free is None:
        return []
    lines = [free]
    for second in (one for place, one in enumerate(job.objectives) if place != job.first):
        needed = float(second.measure(free.networks[0].architecture))
        for share in _SHARES:
            # A limit of the budget that the best network keeps to changes nothing; another is solved as it is.
            if share == 1 and needed <= second.maximum:
                continue
            line = solved(math.floor(share * min(needed, second.maximum)))
            if line is None:
                break
            lines.append(line)
    return lines


def _solve(job: _Job, limits: tuple[float, ...]) -> Line | None:
    """Return the result under limits on the objectives; None if no network keeps to them."""
    names = [objective.name for objective in job.objectives]
    request = request_of(job.setup, job.resolution)
    kept = [cost for cost in request.costs if cost.name not in names or cost.signed]
    asked = zip(job.objectives, limits, strict=True)
    costs = [replace(cost_of(objective, limit), reach=REACH) for objective, limit in asked if limit < math.inf]
    try:
        solution = solve(request.chain, (*costs, *kept), request.score, every_cost=True)
    except UserError:  # Nothing fits.
        return None
    best = max(solution.networks[0].score, solution.bound)
    priced = tuple(_of_objectives(one, limits) for one in solution.priced)
    return Line(limits, best, priced, solution.networks + solution.every_cost)


def _of_objectives(priced: Priced, limits: tuple[float, ...]) -> Priced:
    """Return the prices by objective; networks within the budget use at most what other costs allow, which counts as all."""
    prices = iter(priced.prices)
    return Priced(priced.value, tuple(next(prices) if limit < math.inf else 0.0 for limit in limits))
