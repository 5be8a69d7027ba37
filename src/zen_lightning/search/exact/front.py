"""The best network under each of several limits on one or two costs, and bounds for all limits in between."""

import math
import operator
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from zen_lightning.budget import Limit
from zen_lightning.errors import UserError
from zen_lightning.search.exact.course import Found, Priced
from zen_lightning.search.exact.request import cost_of, request_of
from zen_lightning.search.exact.solve import nothing_fits, solve
from zen_lightning.search.objectives import SPAN
from zen_lightning.search.processes import executor_of, startable
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.time_limit import TimeIsUpError, share_of, time_limit

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
        finished: whether this was solved to the end; a limit on time may end it before.
    """

    limits: tuple[float, ...]
    best: float
    priced: tuple[Priced, ...]
    networks: list[Found]
    finished: bool = True

    def bound(self, costs: Sequence[float]) -> float:
        """Return an upper bound of the score of every network that costs no more; infinite far above the limits."""
        pairs = list(zip(costs, self.limits, strict=True))
        if any(cost > REACH * limit for cost, limit in pairs):
            return math.inf
        beyond = [cost - limit if limit < math.inf else 0.0 for cost, limit in pairs]
        by_price: float = max(value + sum(map(operator.mul, prices, beyond)) for value, prices in self.priced)
        return min(self.best, by_price) if all(cost <= limit for cost, limit in pairs) else by_price


class Solved(NamedTuple):
    """The results of several limits.

    Attributes:
        lines: of each limit that some network meets.
        in_time: whether all were solved to the end; if not, a limit on time left some out or unfinished.
    """

    lines: list[Line]
    in_time: bool = True


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
    seconds: float | None = None,
) -> Solved:
    """Return the results for all limits, those under the largest limit on the first objective first.

    Limits that no network meets are left out. With a second objective every limit on the first is solved without one on the
    second, and then with limits on it that fall from what the best network needs of it.

    Args:
        setup: setup of a search under the largest limits.
        objectives: FLOPs, parameters, or both.
        limits: the limits on the first that the budget limits.
        resolution: height and width of the images.
        processes: number of limits on the first objective that are solved at a time, each in a process; where none can be
            started, one after the other.
        notify: called with each result.
        seconds: after which all ends with what is known; every limit on the first objective has its share of what is left of
            it as its turn comes. None for no limit.

    Raises:
        UserError: no network meets the largest limit; or see :func:`request_of`.
        TimeIsUpError: the time was up before any network was known.
    """
    request_of(setup, resolution)
    processes = startable(min(processes, len(limits)))
    turns = _Turns(None if seconds is None else time.monotonic() + seconds, len(limits), processes)
    first = first_of(objectives)
    jobs = [_Job(setup, tuple(objectives), first, limit, resolution, turns, turn) for turn, limit in enumerate(limits)]
    lines: list[Line] = []
    all_in_time = True
    if processes == 1:
        for job in jobs:
            all_in_time &= _add(lines, _solve_under(job), notify)
    else:
        with executor_of(processes, threads=1) as executor:
            for solved in executor.map(_solve_under, jobs):
                all_in_time &= _add(lines, solved, notify)
    if not lines:
        raise nothing_fits() if all_in_time else TimeIsUpError
    return Solved(lines, all_in_time)


def first_of(objectives: Sequence[Limit]) -> int:
    """Return the place of the first objective that the budget limits: its limits are chosen, and those on the other follow."""
    return next(place for place, objective in enumerate(objectives) if objective.maximum < math.inf)


def bound_at(lines: Sequence[Line], costs: Sequence[float]) -> float:
    """Return an upper bound of the score of every network that costs no more: the least of what all results prove."""
    return min(line.bound(costs) for line in lines)


class _Turns(NamedTuple):
    """How jobs share a time: the end of it on the monotonic clock, which all processes of a machine read, or None."""

    ends: float | None
    jobs: int
    at_a_time: int

    def seconds(self, turn: int) -> float | None:
        """Return the share of what is left for a job that begins now."""
        left = None if self.ends is None else max(0.0, self.ends - time.monotonic())
        return share_of(left, self.jobs - turn, self.at_a_time)


class _Job(NamedTuple):
    setup: SearchSetup
    objectives: tuple[Limit, ...]
    first: int
    limit: float
    resolution: int
    turns: _Turns
    turn: int


def _add(lines: list[Line], solved: Solved, notify: Callable[[Line], None]) -> bool:
    for line in solved.lines:
        notify(line)
    lines += solved.lines
    return solved.in_time


def _solve_under(job: _Job) -> Solved:
    lines: list[Line] = []
    try:
        with time_limit(job.turns.seconds(job.turn)):
            _solve_into(lines, job)
    except TimeIsUpError:
        return Solved(lines, in_time=False)
    return Solved(lines, all(line.finished for line in lines))


def _solve_into(lines: list[Line], job: _Job) -> None:
    """Add the result under one limit on the first objective, and those under limits on the second."""

    def solved(limit: float) -> Line | None:
        return _solve(job, tuple(job.limit if place == job.first else limit for place in range(len(job.objectives))))

    free = solved(math.inf)
    if free is None:
        return
    lines.append(free)
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
    return Line(limits, best, priced, solution.networks + solution.every_cost, solution.finished)


def _of_objectives(priced: Priced, limits: tuple[float, ...]) -> Priced:
    """Return the prices by objective; networks within the budget use at most what other costs allow, which counts as all."""
    prices = iter(priced.prices)
    return Priced(priced.value, tuple(next(prices) if limit < math.inf else 0.0 for limit in limits))
