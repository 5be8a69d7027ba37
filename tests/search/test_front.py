"""The search for a front: it holds what it says, and continues exactly."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import RankedProxy, Score
from zen_lightning.search.archive import lowest_cost
from zen_lightning.search.front import FrontEvolution, FrontSetup
from zen_lightning.search.front_points import front_of, staircase
from zen_lightning.search.journal import SearchJournal
from zen_lightning.search.objectives import objectives
from zen_lightning.search.restarts import run_restarts
from zen_lightning.search.run import SearchSetup, run_search


@pytest.fixture
def fronts(setup: SearchSetup) -> FrontSetup:
    return FrontSetup(**vars(setup) | {"objectives": objectives(["flops", "params"], setup.budget, 32, 100)})


def state(evolution: FrontEvolution) -> list[object]:
    members = [(m.serial, m.score, str(m.architecture), m.slot) for m in evolution.archive.members]
    draws = [evolution.archive.draw(evolution.rng).serial for _ in range(100)]
    return [evolution.iteration, evolution.accepted, evolution.rejected, evolution.history, members, draws]


@pytest.mark.long
def test_killed_between_records_it_continues_as_if_nothing_had_been(fronts: FrontSetup, tmp_path: Path) -> None:
    straight = fronts.evolution(0)
    straight.advance(2_500)
    for marks in ([7, 900], [400, 1_800]):
        path = tmp_path / f"{marks[0]}.jsonl"
        stopped = fronts.evolution(0)
        journal = SearchJournal(path, {})
        for mark in marks:
            stopped.advance(mark)
            journal.write(stopped)
        stopped.advance(2_000)
        journal.close()
        resumed = fronts.evolution(0)
        journal = SearchJournal(path, {})
        journal.restore(resumed)
        journal.close()
        assert resumed.iteration == marks[1]
        resumed.advance(2_500)
        assert state(resumed) == state(straight)
        straight = fronts.evolution(0)
        straight.advance(2_500)


def test_nothing_that_it_scored_beats_its_front(fronts: FrontSetup) -> None:
    evolution = fronts.evolution(0)
    evolution.advance(2_000)
    lowest = [lowest_cost(objective, fronts.start) for objective in fronts.objectives]
    best: dict[BaseArchitecture, float] = {}
    for point in evolution.cloud.points:
        assert evolution.budget.violated(point.architecture) is None
        best[point.architecture] = point.score
    for architecture, score in best.items():
        flops, params = (objective.measure(architecture) for objective in fronts.objectives)
        # As fine as the cells: a network may give way to one that costs this much more.
        flops, params = (1.06 * max(cost, least) for cost, least in zip((flops, params), lowest, strict=True))
        rivals = [
            m.score
            for m in evolution.archive.members
            if m.architecture.flops(32, 100) <= flops and m.architecture.num_params(100) <= params
        ]
        assert max(rivals) >= score


def test_it_holds_good_networks_for_small_budgets_and_the_largest(fronts: FrontSetup, tmp_path: Path) -> None:
    outcome = run_search(fronts, 0, tmp_path / "journal.jsonl", lambda progress: None)
    front = front_of([outcome], fronts.objectives)
    steps = staircase(front, 1)
    assert steps[0].costs[1] < 100_000
    assert steps[-1].costs[1] > 350_000
    for low, high in pairwise(steps):
        assert low.costs[1] < high.costs[1]
        assert low.score < high.score
    single = SearchSetup.evolution(fronts, 0)
    single.advance(fronts.iterations)
    assert steps[-1].score > 0.93 * single.best


def test_restarts_are_fronts_of_their_own_and_join(fronts: FrontSetup, tmp_path: Path) -> None:
    few = replace(fronts, iterations=400)
    outcomes = run_restarts(few, 2, tmp_path, lambda progress: None, processes=2)
    joined = front_of(outcomes, few.objectives)
    scores = {point.architecture for point in joined}
    alone = [{point.architecture for point in front_of([outcome], few.objectives)} for outcome in outcomes]
    assert scores <= alone[0] | alone[1]
    assert scores - alone[0]
    assert scores - alone[1]


def test_a_proxy_that_ranks_is_refused(fronts: FrontSetup) -> None:
    class Ranks(RankedProxy):
        name = "ranks"
        part_names = ("one",)

        def score(self, architecture: object, seed: int = 0) -> Score:
            return Score(0.0)

        def combine(self, parts: object) -> list[float]:
            return []

    with pytest.raises(UserError, match="ranks only ranks networks within a set"):
        replace(fronts, proxy=Ranks())
