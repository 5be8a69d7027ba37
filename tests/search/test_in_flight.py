"""Searches with workers: the history depends on the seed and on what is in flight, whoever scores and whoever dies."""

import os
import random
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from pool_proxies import Deadly, Nap, Ranked
from zen_lightning.errors import UserError
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.search.evolution import UNSCORABLE
from zen_lightning.search.journal import SearchJournal
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.pool import Outcome
from zen_lightning.search.restarts import run_restarts
from zen_lightning.search.run import Progress, SearchOutcome, SearchSetup, run_search
from zen_lightning.search.worker_pool import WorkerPool


def ignore(progress: Progress) -> None:
    """Show nothing."""


@pytest.fixture
def napping(setup: SearchSetup) -> SearchSetup:
    return replace(setup, proxy=Nap(0.0005), iterations=250, population_size=16, in_flight=4)


def found(outcome: SearchOutcome) -> tuple[object, ...]:
    cloud = [(point.iteration, point.score, str(point.architecture)) for point in outcome.cloud]
    return outcome.ranked, outcome.history, cloud, outcome.accepted, outcome.rejected


class Recorder(LocalPool):
    """Writes down what is submitted and what is taken."""

    def __init__(self, setup: SearchSetup) -> None:
        super().__init__([setup.proxy], setup.seed)
        self.events: list[tuple[str, int]] = []

    def submit(self, architecture: object, which: int = 0) -> int:
        ticket = super().submit(architecture, which)
        self.events.append(("submit", ticket))
        return ticket

    def result(self, ticket: int) -> Outcome:
        self.events.append(("result", ticket))
        return super().result(ticket)


@pytest.mark.parametrize("in_flight", [1, 2, 5])
def test_results_are_taken_in_order_once_enough_are_in_flight(setup: SearchSetup, in_flight: int) -> None:
    pool = Recorder(setup)
    evolution = replace(setup, in_flight=in_flight).evolution(0, pool)
    evolution.advance(300)
    assert len(evolution.pending) == in_flight - 1
    evolution.drain()
    assert not evolution.pending
    assert len(evolution.population) <= setup.population_size + 1
    submitted = [ticket for what, ticket in pool.events if what == "submit"]
    assert [ticket for what, ticket in pool.events if what == "result"] == submitted
    for position, event in enumerate(pool.events[: 2 * len(submitted) - 2 * in_flight]):
        before = [what for what, _ in pool.events[:position]]
        outstanding = before.count("submit") - before.count("result")
        assert event[0] == ("result" if outstanding == in_flight else "submit")
    assert evolution.accepted + evolution.rejected.total() == 300


def test_one_in_flight_is_the_serial_search_and_more_is_another(setup: SearchSetup) -> None:
    serial, one, four = (
        replace(setup, in_flight=count).evolution(0, pool) for count, pool in ((1, None), (1, Recorder(setup)), (4, None))
    )
    for evolution in (serial, one, four):
        evolution.advance(500)
    assert serial.history == one.history != four.history


def test_two_workers_three_workers_and_none_find_the_same(napping: SearchSetup, tmp_path: Path) -> None:
    alone = run_search(napping, 0, tmp_path / "0.jsonl", ignore)
    for workers in (2, 3):
        with WorkerPool([napping.proxy], napping.seed, workers) as pool:
            shared = run_search(napping, 0, tmp_path / f"{workers}.jsonl", ignore, pool)
            assert found(shared) == found(alone)
            if workers == 2:
                restarts = run_restarts(replace(napping, iterations=60), 2, tmp_path / "restarts", ignore, pool=pool)
    assert shared.worker_deaths == 0
    assert alone.rejected[UNSCORABLE] > 0
    second = run_search(replace(napping, iterations=60), 1, tmp_path / "second.jsonl", ignore)
    assert [outcome.restart for outcome in restarts] == [0, 1]
    assert found(restarts[1]) == found(second)


@pytest.mark.long
def test_workers_that_are_killed_change_nothing_and_are_counted(napping: SearchSetup, tmp_path: Path) -> None:
    slower = replace(napping, proxy=Nap(0.004))
    alone = run_search(slower, 0, tmp_path / "alone.jsonl", ignore)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        alive = [worker.process.pid for worker in pool._workers if worker.ready and worker.process.pid not in killed]
        if alive and len(killed) < 6:
            killed.append(alive[len(killed) % len(alive)])
            os.kill(killed[-1], signal.SIGKILL)

    with WorkerPool([slower.proxy], slower.seed, 2) as pool:
        disturbed = run_search(slower, 0, tmp_path / "killed.jsonl", kill, pool)
    assert len(killed) == 6
    assert found(disturbed) == found(alone)
    assert disturbed.worker_deaths == 6
    again = run_search(slower, 0, tmp_path / "killed.jsonl", ignore)
    assert again.worker_deaths >= 5


def test_candidates_that_kill_are_rejected_and_counted(napping: SearchSetup, tmp_path: Path) -> None:
    deadly = replace(napping, proxy=Deadly(layers=10), iterations=60)
    with WorkerPool([deadly.proxy], deadly.seed, 2) as pool:
        outcome = run_search(deadly, 0, tmp_path / "journal.jsonl", ignore, pool)
    structures = {candidate.architecture for candidate in outcome.ranked}
    assert all(structure.num_layers != 10 for structure in structures)
    assert outcome.worker_deaths % 3 == 0
    assert outcome.worker_deaths > 0
    assert outcome.rejected[UNSCORABLE] > 0
    assert outcome.accepted + outcome.rejected.total() == 60


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("proxy", [Nap(), Ranked()], ids=["nap", "ranked"])
def test_stopped_at_any_record_it_ends_the_same(napping: SearchSetup, tmp_path: Path, seed: int, proxy: Nap) -> None:
    setup = replace(napping, proxy=proxy, in_flight=5)
    whole = run_search(setup, 0, tmp_path / "whole.jsonl", ignore)
    path, rng = tmp_path / "stopped.jsonl", random.Random(seed)
    identity = {**setup.identity, "restart": 0, "search.in_flight": 5}
    for _ in range(3):
        evolution, journal = setup.evolution(0), SearchJournal(path, identity)
        journal.restore(evolution)
        for _ in range(rng.randrange(4)):
            evolution.advance(min(setup.iterations, evolution.iteration + rng.randrange(40)))
            journal.write(evolution)
        evolution.advance(min(setup.iterations, evolution.iteration + rng.randrange(40)))
        journal.close()
        if rng.random() < 0.5:
            path.write_bytes(path.read_bytes()[: -rng.randrange(1, 2_000)])
    assert found(run_search(setup, 0, path, ignore)) == found(whole)


def test_a_finished_search_is_read_again_and_continued_as_a_longer_one(napping: SearchSetup, tmp_path: Path) -> None:
    first = run_search(napping, 0, tmp_path / "journal.jsonl", ignore)
    again = run_search(napping, 0, tmp_path / "journal.jsonl", ignore)
    assert found(again) == found(first)
    assert first.history[-1].accepted == first.accepted
    assert [row.iteration for row in first.history] == sorted({row.iteration for row in first.history})
    assert first.accepted + first.rejected.total() == first.iterations
    longer = replace(napping, iterations=400)
    continued = run_search(longer, 0, tmp_path / "journal.jsonl", ignore)
    assert found(continued) == found(run_search(longer, 0, tmp_path / "straight.jsonl", ignore))


def test_another_number_in_flight_is_refused_by_its_name(napping: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    run_search(napping, 0, path, ignore)
    with pytest.raises(UserError, match=r"search.in_flight was 4, now 1. Continue it with search.in_flight=4"):
        run_search(replace(napping, in_flight=1), 0, path, ignore)
    run_search(replace(napping, in_flight=1), 0, tmp_path / "serial.jsonl", ignore)
    with pytest.raises(UserError, match=r"search.in_flight was 1, now 4. Continue it with search.in_flight=1"):
        run_search(napping, 0, tmp_path / "serial.jsonl", ignore)


def test_what_is_awaited_counts_before_giving_up(napping: SearchSetup) -> None:
    evolution = replace(napping, max_tries=1, in_flight=200).evolution(0)
    evolution.advance(150)
    evolution.drain()
    assert evolution.accepted > 0


@pytest.mark.long
def test_monte_carlo_on_one_thread_is_the_same_bit_for_bit_with_workers(setup: SearchSetup, tmp_path: Path) -> None:
    import torch

    proxy = ZenMonteCarlo(16, batch_size=4)
    small = replace(setup, proxy=proxy, iterations=16, population_size=4)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        alone = {
            count: run_search(replace(small, in_flight=count), 0, tmp_path / f"alone{count}.jsonl", ignore) for count in (1, 3)
        }
    finally:
        torch.set_num_threads(before)
    with WorkerPool([proxy], small.seed, 2, threads=1, preload=["torch"]) as pool:
        for count, outcome in alone.items():
            shared = run_search(replace(small, in_flight=count), 0, tmp_path / f"shared{count}.jsonl", ignore, pool)
            assert found(shared) == found(outcome)
    assert alone[1].history != alone[3].history
