"""Repeated timings, on clocks that tell what they are told to."""

from collections.abc import Callable, Iterable

import pytest

from zen_lightning.latency.clock import ThreadClock, WallClock, clock_for
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.timing import Clock, Timing, time_calls


class ToldClock(Clock):
    def __init__(self, seconds: Iterable[float]) -> None:
        self._seconds = iter(seconds)

    def time(self, run: Callable[[], object]) -> float:
        run()
        return next(self._seconds)


def test_quartiles_of_five_calls_after_the_warm_up() -> None:
    calls: list[int] = []
    clock = ToldClock([9.0, 9.1, 1.0, 2.0, 3.0, 4.0, 5.0])
    timing = time_calls(lambda: calls.append(1), clock, seconds=0.0)
    assert timing[:4] == (2.0, 3.0, 4.0, 5)
    assert len(calls) == 7
    assert timing.spread == pytest.approx(2 / 3)
    assert not timing.trusted


def test_the_lower_quartile_is_that_of_the_quickest_round() -> None:
    rounds = [3.0] * 5 + [1.0] * 5 + [2.0] * 5
    timing = time_calls(lambda: None, ToldClock([7.0, 7.0, *rounds]), seconds=0.0, rounds=3)
    assert timing[:4] == (1.0, 2.0, 3.0, 15)


def test_parts_share_a_timing() -> None:
    assert Timing(2.0, 3.0, 4.0, 5).over(2) == Timing(1.0, 1.5, 2.0, 5)


def test_clocks_of_the_cpu() -> None:
    assert isinstance(clock_for(LatencySettings(threads=2)), WallClock)
    assert isinstance(clock_for(LatencySettings(engine="onnxruntime")), WallClock)
    for clock in (WallClock(), ThreadClock()):
        assert clock.time(lambda: sum(range(1000))) > 0
