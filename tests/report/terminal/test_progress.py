"""What the progress of a search, of scoring and of a profile says."""

import pytest

from zen_lightning.correlate.scoring import Scored
from zen_lightning.latency.profiler import ProfilingStep
from zen_lightning.report.terminal.progress import profile_progress, scoring_progress, search_progress
from zen_lightning.search.run import Progress
from zen_lightning.system import live_bar


class Clock:
    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(live_bar.time, "monotonic", lambda: found.now)
    return found


def test_several_searches_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with search_progress(1_000, restarts=2) as show:
        show(Progress(0, 500, 200, 97.25, 0))
        show(Progress(1, 1_000, 400, 98.5, 0))
        show(Progress(0, 1_000, 400, 97.5, 0))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("    2,000 of 2,000 iterations  best 98.500  accepted 40%")
    assert len(lines) <= 2
    assert "\r" not in "".join(lines)
    assert "\x1b" not in "".join(lines)


def test_the_pace_of_a_search_counts_only_what_this_run_did(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with search_progress(10_000) as show:
        clock.now += 6
        show(Progress(0, 8_000, 3_000, 90.0, resumed=5_000))
    assert capsys.readouterr().out.endswith("500/s  4 s left\n")


def test_before_anything_fits(capsys: pytest.CaptureFixture[str]) -> None:
    with search_progress(1) as show:
        show(Progress(0, 1, 0, None, 0))
    assert "none fits yet" in capsys.readouterr().out


def test_the_time_left_counts_from_the_first_score_of_this_run(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with scoring_progress() as show:
        show(Scored(500, 1_000, resumed=500))
        clock.now += 60  # Workers start.
        show(Scored(501, 1_000, resumed=500))
        for number in range(20):
            clock.now += 0.5
            show(Scored(502 + number, 1_000, resumed=500))
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "      501 of 1,000 scores  ? left",
        "      511 of 1,000 scores  2.00/s  4 min 4 s left",
        "      521 of 1,000 scores  2.00/s  4 min 0 s left",
    ]


def test_a_profile_says_what_is_left_of_its_time(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with profile_progress() as show:
        show(ProfilingStep(41, 100, 40, "operations", 0.0))
        clock.now += 20
        show(ProfilingStep(50, 100, 40, "operations", 0.25))
    assert capsys.readouterr().out.splitlines() == [
        "going on with 40 measurements of an earlier run",
        "       50 of 100 measurements  operations  1 min 0 s left",
    ]
