"""The population: ties, slots, uniform draws, and what is dropped."""

from random import Random

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.search.population import Population, Saved


def arch(width: int) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)")


def filled(*scores: float) -> Population:
    population = Population()
    for serial, score in enumerate(scores):
        population.append(arch(serial + 1), score)
    return population


def serials(population: Population) -> list[int]:
    return [member.serial for member in population.members]


def test_members_keep_their_order() -> None:
    population = filled(3.0, 1.0, 2.0)
    assert len(population) == 3
    assert serials(population) == [0, 1, 2]
    assert [member.slot for member in population.members] == [0, 1, 2]
    assert [member.score for member in population.members] == [3.0, 1.0, 2.0]


def test_the_lowest_is_dropped_and_the_last_takes_its_slot() -> None:
    population = filled(3.0, 1.0, 2.0, 4.0)
    population.drop_lowest()
    assert serials(population) == [0, 3, 2]
    population.drop_lowest()
    assert serials(population) == [0, 3]
    assert [member.slot for member in population.members] == [0, 1]


def test_of_equal_scores_the_oldest_goes_first_and_counts_as_the_best() -> None:
    population = filled(1.0, 1.0, 1.0)
    assert population.best().serial == 0
    population.drop_lowest()
    assert sorted(serials(population)) == [1, 2]
    assert population.best().serial == 1


def test_serials_count_all_that_were_ever_appended() -> None:
    population = filled(1.0, 2.0)
    population.drop_lowest()
    population.append(arch(9), 0.5)
    assert population.appended == 3
    assert serials(population) == [1, 2]


def test_best() -> None:
    assert filled(1.0, 5.0, 3.0, 5.0).best().serial == 1
    assert filled(-2.0, -1.0).best().score == -1.0


def test_the_same_structure_may_be_there_twice() -> None:
    population = Population()
    population.append(arch(8), 1.0)
    population.append(arch(8), 1.0)
    assert len(population) == 2
    assert len(population.ranked(5)) == 1


@pytest.mark.parametrize(("count", "ranking"), [(1, [3]), (2, [3, 0]), (3, [3, 0, 2]), (10, [3, 0, 2, 1])])
def test_ranked(count: int, ranking: list[int]) -> None:
    assert [member.serial for member in filled(3.0, 1.0, 2.0, 4.0).ranked(count)] == ranking


def test_against_a_sorted_list() -> None:
    rng, population, model = Random(0), Population(), []
    for serial in range(2_000):
        score = float(rng.randrange(50))
        population.append(arch(serial + 1), score)
        model.append((score, serial))
        if len(model) > 40:
            model.remove(min(model))
            population.drop_lowest()
        assert [member.slot for member in population.members] == list(range(len(population)))
        best = population.best()
        assert (best.score, -best.serial) == max((score, -serial) for score, serial in model)
    assert sorted((member.score, member.serial) for member in population.members) == sorted(model)


def test_restored_it_goes_on_as_before() -> None:
    rng, first, second = Random(1), Population(), Population()
    for width in range(1, 60):
        first.append(arch(width), float(rng.randrange(10)))
        if len(first) > 20:
            first.drop_lowest()
    second.append(arch(99), 100.0)
    second.restore([Saved(member.serial, member.score, member.architecture) for member in first.members], first.appended)
    assert second.appended == first.appended
    for width in range(60, 100):
        score = float(rng.randrange(10))
        for population in (first, second):
            population.append(arch(width), score)
            population.drop_lowest()
        assert serials(first) == serials(second)
        assert [member.architecture for member in first.members] == [member.architecture for member in second.members]
