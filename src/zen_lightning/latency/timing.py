"""Repeated timings of a call, and their statistics."""

import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

LARGEST_SPREAD = 0.1
"""Quartiles further apart than this, relative to the median, are not to be trusted. A choice: twice the median
error that predictions may have (5%: docs/benchmarks.md, "Latency predicted")."""

_STEADY = 0.05
"""Two passes in a row that differ by less end the warm-up. A choice: half of what counts as a wide spread."""

_LEAST_PASSES = 5
"""Passes a round at least. A choice: the fewest whose quartiles mean something."""

_MOST_PASSES = 5_000
"""Passes a round at most. A choice: more make no quartile better, and each is kept in memory."""


class Clock(ABC):
    """Times one call at a time; see :mod:`zen_lightning.latency.clock`."""

    @abstractmethod
    def time(self, run: Callable[[], object]) -> float:
        """Call ``run`` and return the seconds it took, on the device too."""


class Timing(NamedTuple):
    """Seconds of repeated calls.

    A disturbance adds to a measurement and never takes away: the lower quartile is reproducible on another day, and profiles,
    predictions and budgets use it.

    Attributes:
        low: lower quartile of the quickest round.
        median: median of all calls.
        high: upper quartile.
        repeats: calls that were timed.
        share: of the time that passed, how much the clock counted: far below 1 where others kept the processor.
    """

    low: float
    median: float
    high: float
    repeats: int
    share: float = 1.0

    @property
    def spread(self) -> float:
        """Distance of the quartiles over the median."""
        return (self.high - self.low) / self.median

    @property
    def trusted(self) -> bool:
        """Whether the quartiles are close enough together."""
        return self.spread <= LARGEST_SPREAD

    def over(self, count: int) -> "Timing":
        """Return the timing of one of ``count`` equal parts."""
        return self._replace(low=self.low / count, median=self.median / count, high=self.high / count)


def time_calls(run: Callable[[], object], clock: Clock, seconds: float, rounds: int = 1) -> Timing:
    """Time calls until ``seconds`` have passed: first until they are steady, then at least five a round.

    Args:
        run: the call to time.
        clock: times one call.
        seconds: for all calls, apart from the first ones; a call that takes longer than this is still made five times.
        rounds: parts of that time; the lower quartile is that of the quickest.
    """
    _warm_up(run, clock, seconds / 3)
    taken: list[list[float]] = []
    began = time.perf_counter()
    while len(taken) < rounds:
        taken.append([])
        until = time.perf_counter() + seconds / rounds
        while len(taken[-1]) < _LEAST_PASSES or (time.perf_counter() < until and len(taken[-1]) < _MOST_PASSES):
            taken[-1].append(clock.time(run))
    spent = time.perf_counter() - began
    calls = [one for part in taken for one in part]
    _, median, high = _quartiles(calls)
    low = min(_quartiles(part)[0] for part in taken)
    return Timing(low, median, high, len(calls), min(1.0, sum(calls) / spent))


def _quartiles(taken: list[float]) -> list[float]:
    return statistics.quantiles(taken, n=4, method="inclusive")


def _warm_up(run: Callable[[], object], clock: Clock, seconds: float) -> None:
    """Call until two calls in a row take about as long, or ``seconds`` have passed: two calls at least."""
    began = time.perf_counter()
    before = clock.time(run)
    while True:
        now = clock.time(run)
        if abs(now - before) <= _STEADY * before or time.perf_counter() - began > seconds:
            return
        before = now
