"""The pool of a Ray cluster, where Ray is installed: the search of the other pools, and deaths that are counted."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pool_proxies import Deadly, Faulty, Nap
from zen_lightning.arch import Architecture
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.search.pool import Pool, WorkerError
from zen_lightning.search.ray_pool import RayPool
from zen_lightning.search.run import SearchSetup, run_search


def arch(width: int, depth: int = 1) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)" + f"SuperConvK1BNRELU({width},{width},1,1)" * (depth - 1))


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        "PYTEST_XDIST_WORKER" in os.environ, reason="needs Ray alone: python -m pytest tests/search/test_ray_pool.py"
    ),
]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), *(path for path in sys.path if path)]))
        with RayPool([Nap(), Deadly(layers=2), Faulty()], seed=3, preload=["colorsys"]) as pool:
            yield pool


def test_scores_in_any_order_and_as_they_come(pool: Pool) -> None:
    tickets = {pool.submit(arch(width)): width for width in range(7, 16)}
    first = next(reversed(tickets))
    outcomes = {first: pool.result(first)} | dict(pool.finished())
    assert outcomes.keys() == tickets.keys()
    for ticket, outcome in outcomes.items():
        params = arch(tickets[ticket]).num_params(10)
        assert (outcome.score is None) == (params % 5 == 0)
        assert outcome.score is None or outcome.score.value == params % 1009 + 3
    with pytest.raises(KeyError):
        pool.result(first)


def test_a_network_that_kills_three_workers_has_no_score(pool: Pool) -> None:
    before = pool.deaths
    deadly, harmless = pool.submit(arch(8, 2), which=1), pool.submit(arch(8, 1))
    assert pool.result(harmless).score
    assert pool.result(deadly).error == "the process that scored it died 3 times"
    assert pool.deaths - before == 3


def test_mistakes_and_faults_reach_the_caller(pool: Pool) -> None:
    with pytest.raises(UserError, match="batch_size=0"):
        pool.result(pool.submit(arch(8), which=2))
    with pytest.raises(WorkerError, match="ZeroDivisionError"):
        pool.result(pool.submit(arch(8, 2), which=2))


def test_a_search_is_that_of_the_other_pools(pool: Pool, setup: SearchSetup, tmp_path: Path) -> None:
    napping = replace(setup, proxy=Nap(), iterations=60, population_size=16, in_flight=2 * pool.slots)
    shared = run_search(napping, 0, tmp_path / "ray.jsonl", lambda progress: None, pool)
    alone = run_search(napping, 0, tmp_path / "alone.jsonl", lambda progress: None)
    assert (shared.ranked, shared.history) == (alone.ranked, alone.history)


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"^scoring on a Ray .* needs .* 'ray': pip install 'zen-lightning\[ray\]'"):
        RayPool([Nap()])
