"""A limit on time, within others and in a search that is continued."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.search.restarts import run_restarts
from zen_lightning.search.run import SearchSetup, run_search
from zen_lightning.search.searches import Effort
from zen_lightning.search.time_limit import TimeIsUpError, check_time, share_of, time_limit


def test_the_earliest_of_several_limits_counts() -> None:
    with time_limit(1000), time_limit(None):
        check_time()
        with pytest.raises(TimeIsUpError), time_limit(0), time_limit(1000):
            check_time()
        check_time()


@pytest.mark.parametrize(("jobs", "at_a_time", "each"), [(1, 2, 60.0), (3, 1, 20.0), (3, 2, 30.0), (4, 2, 30.0)])
def test_jobs_share_a_time(jobs: int, at_a_time: int, each: float) -> None:
    assert share_of(60, jobs, at_a_time) == each
    assert share_of(None, jobs, at_a_time) is None


@pytest.mark.parametrize("minutes", [0, -1.0, math.inf, math.nan])
def test_no_time_is_refused(minutes: float) -> None:
    with pytest.raises(UserError, match="expected more than 0 minutes"):
        Effort(minutes=minutes)


def test_a_search_stopped_by_its_time_is_continued_as_if_it_had_not_been(setup: SearchSetup, tmp_path: Path) -> None:
    endless = replace(setup, iterations=10**9)
    stopped = run_search(endless, 0, tmp_path / "a.jsonl", lambda progress: None, seconds=0.2)
    assert stopped.stopped_by_time
    assert 0 < stopped.iterations < 10**9
    assert max(one.score for one in stopped.ranked) == stopped.ranked[0].score
    again = run_search(endless, 0, tmp_path / "a.jsonl", lambda progress: None, seconds=0.2)
    assert (again.iterations, again.ranked, again.stopped_by_time) == (stopped.iterations, stopped.ranked, True)
    rest = replace(setup, iterations=stopped.iterations + 500)
    continued = run_search(rest, 0, tmp_path / "a.jsonl", lambda progress: None, seconds=1e6)
    straight = run_search(rest, 0, tmp_path / "b.jsonl", lambda progress: None)
    assert (continued.ranked, continued.history, continued.stopped_by_time) == (straight.ranked, straight.history, False)


def test_restarts_share_the_time_of_all(setup: SearchSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []

    def run(setup: SearchSetup, restart: int, path: Path, notify: Callable[..., None], pool: object, seconds: float) -> None:
        given.append(seconds)

    monkeypatch.setattr("zen_lightning.search.restarts.run_search", run)
    run_restarts(setup, 3, tmp_path, lambda progress: None, pool=object(), seconds=60)  # type: ignore[arg-type]
    assert given == [20.0] * 3
