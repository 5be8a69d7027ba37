"""A structure is scored once, and nothing else changes."""

from dataclasses import replace
from pathlib import Path

from pool_proxies import Counting, Nap
from zen_lightning.arch import Architecture
from zen_lightning.search.caching_pool import CachingPool
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.run import SearchSetup


class Cheap(Nap):
    cheap = True


def arch(width: int) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)")


def scored(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_asks_once_and_answers_each_time(tmp_path: Path) -> None:
    path = tmp_path / "scored"
    pool = CachingPool(LocalPool([Counting(path), Nap()]))
    tickets = [pool.submit(arch(width)) for width in (8, 9, 8)]
    assert pool.result(tickets[2]) == pool.result(tickets[0])
    assert pool.result(tickets[1]) != pool.result(pool.submit(arch(8)))
    assert len(scored(path)) == 2
    pool.result(pool.submit(arch(8), which=1))
    assert len(scored(path)) == 2


def test_failures_are_remembered_too(tmp_path: Path) -> None:
    path = tmp_path / "scored"
    pool = CachingPool(LocalPool([Counting(path)]))
    failing = next(arch(width) for width in range(1, 99) if arch(width).num_params(10) % 5 == 0)
    outcomes = [pool.result(pool.submit(failing)) for _ in range(3)]
    assert outcomes[0].score is None
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert len(scored(path)) == 1


def test_the_oldest_is_forgotten_first_and_a_ticket_never(tmp_path: Path) -> None:
    path = tmp_path / "scored"
    pool = CachingPool(LocalPool([Counting(path)]), capacity=2)
    early = pool.submit(arch(7))
    for width in (8, 9, 8, 9):
        pool.result(pool.submit(arch(width)))
    assert len(scored(path)) == 2
    assert pool.result(early).score
    pool.result(pool.submit(arch(7)))
    assert len(scored(path)) == 4


def test_finished_yields_every_ticket() -> None:
    pool = CachingPool(LocalPool([Nap()]))
    tickets = [pool.submit(arch(width)) for width in (8, 9, 8)]
    assert [ticket for ticket, _ in pool.finished()] == tickets


def test_a_search_with_it_is_the_search_without_it(setup: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "scored"
    cached = replace(setup, proxy=Counting(path)).evolution(0)
    uncached = replace(setup, proxy=Cheap()).evolution(0)
    for evolution in (cached, uncached):
        evolution.advance(1_500)
    assert cached.history == uncached.history
    assert cached.rejected == uncached.rejected
    assert len(scored(path)) == len(set(scored(path))) < cached.accepted + cached.rejected["cannot score"]
