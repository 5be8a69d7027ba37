"""Several searches over processes, and searches that are killed."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from zen_lightning.budget import Budget, LayersLimit
from zen_lightning.errors import UserError
from zen_lightning.search.journal import SearchJournal
from zen_lightning.search.restarts import journal_path, run_restarts
from zen_lightning.search.run import Progress, SearchSetup, run_search


def ignore(progress: Progress) -> None:
    """Show nothing."""


def test_restarts_find_what_single_searches_find(setup: SearchSetup, tmp_path: Path) -> None:
    seen: list[Progress] = []
    outcomes = run_restarts(setup, 3, tmp_path, seen.append, processes=2)
    assert [outcome.restart for outcome in outcomes] == [0, 1, 2]
    alone = run_search(setup, 1, tmp_path / "alone.jsonl", ignore)
    assert outcomes[1].ranked == alone.ranked
    assert outcomes[1].history == alone.history
    assert len({outcome.ranked[0].architecture for outcome in outcomes}) > 1
    assert {progress.restart for progress in seen} == {0, 1, 2}


def test_one_restart_is_the_plain_search(setup: SearchSetup, tmp_path: Path) -> None:
    one = run_restarts(setup, 1, tmp_path, ignore)[0]
    assert one.ranked == run_search(setup, 0, tmp_path / "alone.jsonl", ignore).ranked
    assert journal_path(tmp_path, 0).is_file()


def test_an_error_in_a_process_reaches_the_user(setup: SearchSetup, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="already over its budget"):
        run_restarts(replace(setup, budget=Budget([LayersLimit(1)])), 2, tmp_path, ignore)


def _search_forever(setup: SearchSetup, path: Path) -> None:
    run_search(replace(setup, iterations=10**9), 0, path, ignore)


@pytest.mark.long
def test_killed_at_any_moment_it_ends_with_the_same_result(setup: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    context = multiprocessing.get_context("spawn")
    for pause in (0.0, 0.4, 0.9):
        process = context.Process(target=_search_forever, args=(setup, path))
        process.start()
        assert process.pid is not None
        deadline = time.monotonic() + 30
        before = path.stat().st_size if path.exists() else 0
        while time.monotonic() < deadline and not (path.exists() and path.stat().st_size > before):
            time.sleep(0.02)
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    probe = setup.evolution(0)
    journal = SearchJournal(path, {**setup.identity, "restart": 0})
    journal.restore(probe)
    journal.close()
    done = probe.iteration + 500
    resumed = run_search(replace(setup, iterations=done), 0, path, ignore)
    straight = setup.evolution(0)
    straight.advance(done)
    assert resumed.iterations == done
    assert resumed.ranked[0].architecture == straight.population.best().architecture
    assert [row for row in resumed.history if row.iteration < done] == [r for r in straight.history if r.iteration < done]
    assert resumed.accepted == straight.accepted


def test_a_finished_search_is_read_and_can_be_continued(setup: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = run_search(setup, 0, path, ignore)
    again = run_search(setup, 0, path, ignore)
    assert (again.ranked, again.history, again.accepted) == (first.ranked, first.history, first.accepted)
    longer = run_search(replace(setup, iterations=4_000), 0, path, ignore)
    straight = run_search(replace(setup, iterations=4_000), 0, tmp_path / "straight.jsonl", ignore)
    assert longer.ranked == straight.ranked
