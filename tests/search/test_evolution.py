"""The loop, against the rules of the paper, one by one."""

import math
import random
from dataclasses import replace

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, LayersLimit, ParamsLimit
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy, Score
from zen_lightning.search.evolution import UNSCORABLE
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import ResNetSpace


class Recorder(ResNetSpace):
    """A space that remembers what it was asked to mutate."""

    def __init__(self) -> None:
        self.calls: list[tuple[Architecture, int]] = []

    def mutate(self, architecture: Architecture, rng: random.Random, positions: int = 1) -> Architecture:
        self.calls.append((architecture, positions))
        return super().mutate(architecture, rng, positions)


class Width(Proxy):
    """Scores the last width; cannot score some."""

    name = "width"

    def score(self, architecture: Architecture, seed: int = 0) -> Score:
        if architecture.out_channels % 3 == 0:
            raise CannotScoreError("a multiple of three")
        return Score(float(architecture.out_channels))


def test_the_first_ten_come_from_the_start_and_later_ones_from_the_population(setup: SearchSetup) -> None:
    space = Recorder()
    evolution = replace(setup, space=space).evolution(0)
    sizes = []
    for iteration in range(1, 400):
        sizes.append(len(evolution.population))
        evolution.advance(iteration)
    for size, (parent, positions) in zip(sizes, space.calls, strict=True):
        assert positions == (1 if size <= 10 else 2)
        assert (parent == setup.start) or size > 10


def test_the_lowest_is_dropped_at_the_start_of_an_iteration(setup: SearchSetup) -> None:
    evolution = replace(setup, population_size=5).evolution(0)
    for iteration in range(1, 60):
        before = sorted((member.score, member.serial) for member in evolution.population.members)
        evolution.advance(iteration)
        after = {member.serial for member in evolution.population.members}
        assert len(after) <= 6
        dropped = [serial for _, serial in before if serial not in after]
        assert dropped == [serial for _, serial in before[: max(0, len(before) - 5)]]


def test_every_candidate_is_accounted_for_and_fits(setup: SearchSetup) -> None:
    evolution = setup.evolution(0)
    evolution.advance(2_000)
    assert evolution.iteration == 2_000
    assert evolution.accepted + evolution.rejected.total() == 2_000
    assert set(evolution.rejected) <= {"layers", "params"}
    assert len(evolution.population) in (32, 33)
    for member in evolution.population.members:
        assert setup.budget.violated(member.architecture) is None
        assert member.architecture.split() == member.architecture
        assert member.score == round(setup.proxy.score(member.architecture).value, 9)


def test_a_value_equal_to_its_limit_passes(setup: SearchSetup) -> None:
    exact = Budget([ParamsLimit(setup.start.num_params(100), num_classes=100), LayersLimit(setup.start.num_layers)])
    replace(setup, budget=exact).evolution(0).advance(50)


def test_the_best_is_never_lost_and_the_history_says_so(setup: SearchSetup) -> None:
    evolution = setup.evolution(0)
    evolution.advance(3_000)
    best = [row.best for row in evolution.history]
    assert best == sorted(best)
    assert evolution.best == best[-1] == evolution.population.best().score
    assert [row.iteration for row in evolution.history][:3] == [10, 20, 30]
    assert all(row.lowest <= row.mean <= row.best for row in evolution.history)


def test_same_seed_same_history_in_any_portions(setup: SearchSetup) -> None:
    whole, portions = setup.evolution(0), setup.evolution(0)
    whole.advance(1_500)
    for iteration in (1, 7, 400, 401, 1_499, 1_500):
        portions.advance(iteration)
    assert whole.history == portions.history
    assert whole.cloud.points == portions.cloud.points
    assert whole.rng.getstate() == portions.rng.getstate()
    other = setup.evolution(1)
    other.advance(1_500)
    assert other.history != whole.history


def test_the_history_of_a_seed_is_the_same_on_every_machine(setup: SearchSetup) -> None:
    evolution = setup.evolution(0)
    evolution.advance(1_000)
    best = evolution.population.best()
    assert (evolution.accepted, dict(evolution.rejected)) == PINNED_COUNTS
    assert str(best.architecture) == PINNED_STRUCTURE
    assert best.score == pytest.approx(PINNED_SCORE, abs=1e-9)


def test_candidates_without_a_score_are_rejected_and_counted(setup: SearchSetup) -> None:
    evolution = replace(setup, proxy=Width()).evolution(0)
    evolution.advance(600)
    assert evolution.rejected[UNSCORABLE] > 0
    assert evolution.accepted + evolution.rejected.total() == 600
    assert all(member.architecture.out_channels % 3 for member in evolution.population.members)


def test_a_start_over_the_budget_is_an_error_that_lists_the_limits(setup: SearchSetup) -> None:
    tight = Budget([LayersLimit(2), ParamsLimit(1_000, num_classes=100)])
    with pytest.raises(UserError, match=r"the start is already over its budget: layers 6 > 2; params 102,572 > 1,000"):
        replace(setup, budget=tight).evolution(0)


def test_a_budget_that_nothing_reaches_ends_after_the_stated_tries(setup: SearchSetup) -> None:
    class Refuses(Width):
        def score(self, architecture: Architecture, seed: int = 0) -> Score:
            raise CannotScoreError("never")

    with pytest.raises(UserError, match=r"none of the first 250 candidates could be used \(.*cannot score: .*never\)"):
        replace(setup, proxy=Refuses(), max_tries=250).evolution(0).advance(100_000)


def test_best_is_minus_infinity_before_the_first(setup: SearchSetup) -> None:
    assert setup.evolution(0).best == -math.inf


PINNED_COUNTS = (439, {"params": 190, "layers": 371})
PINNED_STRUCTURE = (
    "SuperConvK3BNRELU(3,40,1,1)SuperResK1K5K1(40,48,1,16,4)SuperResK1K7K1(48,80,2,16,2)SuperRe"
    "sK1K7K1(80,32,2,16,3)SuperResK1K5K1(32,128,2,24,1)SuperConvK1BNRELU(128,104,1,1)"
)
PINNED_SCORE = 65.282644601
