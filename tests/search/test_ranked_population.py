"""Scores that hold within a set: who is dropped, who is best, and what is never compared."""

from dataclasses import replace
from pathlib import Path
from random import Random

from pool_proxies import Ranked
from zen_lightning.arch import Architecture
from zen_lightning.proxy.base import RankedProxy, Score
from zen_lightning.search.journal import SearchJournal
from zen_lightning.search.population import Saved
from zen_lightning.search.ranked_population import RankedPopulation
from zen_lightning.search.run import SearchSetup, run_search
from zen_lightning.search.trace import Cloud, CloudPoint


class Sum(RankedProxy):
    """The sum of what was measured, minus the greatest sum in the set."""

    name = "sum"
    part_names = ("one", "two")

    def score(self, architecture: Architecture, seed: int = 0) -> Score:
        raise NotImplementedError

    def combine(self, parts: list[tuple[float, ...]]) -> list[float]:
        top = max(sum(row) for row in parts)
        return [sum(row) - top for row in parts]


def arch(width: int) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)")


def filled(*parts: tuple[float, ...]) -> RankedPopulation:
    population = RankedPopulation(Sum(), Cloud())
    for serial, row in enumerate(parts):
        population.append(arch(serial + 1), 99.0 - serial, row)
    return population


def serials(population: RankedPopulation) -> list[int]:
    return [member.serial for member in population.members]


def test_scores_are_those_of_the_present_members() -> None:
    population = filled((1.0, 1.0), (0.0, 5.0))
    assert population.best_scores(2) == [-3.0, 0.0]
    newcomer = population.append(arch(9), 0.0, (10.0, 0.0))
    assert population.best() is newcomer
    assert [member.score for member in population.members] == [-8.0, -5.0, 0.0]
    assert [member.serial for member in population.ranked(2)] == [2, 1]


def test_the_lowest_is_dropped_and_the_oldest_of_equals() -> None:
    population = filled((3.0, 0.0), (1.0, 1.0), (0.0, 2.0), (4.0, 0.0))
    population.drop_lowest()
    assert serials(population) == [0, 3, 2]
    assert [member.slot for member in population.members] == [0, 1, 2]
    population.drop_lowest()
    assert serials(population) == [0, 3]


def test_members_are_ranked_among_all_that_the_search_looked_at() -> None:
    cloud = Cloud()
    population = RankedPopulation(Ranked(), cloud)
    for serial, row in enumerate([(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0)]):
        population.append(arch(serial + 1), 0.0, row)
    assert population.best_scores(4) == [0.5, 1.0, 1.5, 2.0]
    assert population.best_scores(2) == [1.5, 2.0]
    for width in (10, 11, 11):
        cloud.add(CloudPoint(width, 0.0, arch(width), (0.0, 0.0)))
    cloud.add(CloudPoint(12, 0.0, arch(1), (1.0, 1.0)))
    six = Ranked().combine([(0.0, 0.0), (0.0, 0.0), *((float(n), float(n)) for n in (1, 2, 3, 4))])
    assert population.best_scores(4) == [round(score, 9) for score in six[2:]]
    population.score_cloud()
    assert [point.score for point in cloud.points] == [round(six[index], 9) for index in (0, 1, 1, 2)]


def test_a_structure_is_a_member_once() -> None:
    population = filled((1.0, 0.0), (2.0, 0.0))
    again = population.append(arch(1), 0.0, (1.0, 0.0))
    assert again.serial == 0
    assert (len(population), population.appended) == (2, 3)


def test_sums_in_another_order_tie() -> None:
    class Thirds(Sum):
        def combine(self, parts: list[tuple[float, ...]]) -> list[float]:
            return [row[0] + row[1] + row[2] for row in parts]

    population = RankedPopulation(Thirds(), Cloud())
    for serial, row in enumerate([(0.3, 0.2, 0.1), (0.1, 0.2, 0.3)]):
        population.append(arch(serial + 1), 0.0, row)
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1
    population.drop_lowest()
    assert serials(population) == [1]


def test_restored_it_goes_on_as_before() -> None:
    rng, first = Random(1), RankedPopulation(Ranked(), Cloud())
    for width in range(1, 40):
        first.append(arch(width), 0.0, (float(rng.randrange(9)), float(rng.randrange(9))))
        if len(first) > 20:
            first.drop_lowest()
    second = RankedPopulation(Ranked(), Cloud())
    second.restore([Saved(m.serial, -1.0, m.architecture, m.parts) for m in first.members], first.appended)
    for width in range(40, 60):
        parts = (float(rng.randrange(9)), float(rng.randrange(9)))
        for population in (first, second):
            population.append(arch(width), 0.0, parts)
            population.drop_lowest()
        assert serials(first) == serials(second)
        assert [member.score for member in first.members] == [member.score for member in second.members]


def test_the_loop_keeps_the_best_of_the_moment_and_says_so(setup: SearchSetup) -> None:
    proxy = Ranked()
    evolution = replace(setup, proxy=proxy, population_size=20).evolution(0)
    best = []
    for iteration in range(1, 300):
        before = list(evolution.population.members)
        seen = {point.architecture: point.parts for point in evolution.cloud.points}
        evolution.advance(iteration)
        after = evolution.population.members
        assert len({member.architecture for member in after}) == len(after)
        if len(before) > 20:
            scores = dict(zip(seen, [round(score, 9) for score in proxy.combine(list(seen.values()))], strict=True))
            dropped = min(before, key=lambda member: (scores[member.architecture], member.serial))
            assert {m.serial for m in after} & {m.serial for m in before} == {m.serial for m in before} - {dropped.serial}
        if evolution.history and evolution.history[-1].iteration == iteration:
            row = evolution.history[-1]
            assert (row.best, row.lowest) == (evolution.best, evolution.population.best_scores(20)[0])
            best.append(row.best)
    assert best != sorted(best)


def test_a_journal_keeps_the_parts(setup: SearchSetup, tmp_path: Path) -> None:
    ranked = replace(setup, proxy=Ranked(), population_size=20, iterations=700)
    whole = run_search(ranked, 0, tmp_path / "whole.jsonl", lambda progress: None)
    journal = SearchJournal(tmp_path / "parts.jsonl", {**setup.identity, "restart": 0})
    evolution = ranked.evolution(0)
    for iteration in (150, 151, 400):
        evolution.advance(iteration)
        journal.write(evolution)
    journal.close()
    resumed = run_search(ranked, 0, tmp_path / "parts.jsonl", lambda progress: None)
    assert resumed.ranked == whole.ranked
    assert resumed.history == whole.history
    assert resumed.cloud == whole.cloud
    assert all(candidate.parts for candidate in resumed.ranked)
    scores = [candidate.score for candidate in resumed.ranked]
    assert scores == sorted(scores, reverse=True)
