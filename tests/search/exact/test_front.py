"""The front of one cost and of two, against every network of a small instance."""

import math

import numpy as np
import pytest

from brute_force import narrowed, networks, small
from zen_lightning.budget import FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.search.exact.any_cost import best_of_any_cost
from zen_lightning.search.exact.course import Priced
from zen_lightning.search.exact.front import Line, bound_at, first_of, limits_below, solve_front
from zen_lightning.search.non_dominated import non_dominated

START = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
NAMES = ("SuperResIDWE1K3", "SuperResIDWE2K3", "SuperResIDWE4K3")


@pytest.mark.parametrize(
    "kinds",
    [(FlopsLimit,), (ParamsLimit,), (FlopsLimit, ParamsLimit), pytest.param((ParamsLimit, FlopsLimit), marks=pytest.mark.long)],
)
def test_no_network_is_above_the_bound_of_its_costs(kinds: tuple[type[FlopsLimit | ParamsLimit], ...]) -> None:
    flops, params = FlopsLimit(700_000, 32, 10), ParamsLimit(math.inf if len(kinds) == 2 else 12_000, 10)
    setup = small("mobilenet", START, [LayersLimit(5), flops, *([params] if len(kinds) == 1 else [])])
    known = {FlopsLimit: flops, ParamsLimit: params}
    objectives = [known[kind] for kind in kinds]
    maxima = limits_below(objectives[first_of(objectives)].maximum, 5)
    lines, in_time = solve_front(setup, objectives, maxima, 32, 1, lambda line: None)
    assert in_time
    assert len(lines) >= (4 if len(kinds) == 2 else 3)
    chain = narrowed(setup, NAMES).chain
    tried = 0
    for network in networks(chain, (8, 16)):
        if setup.budget.violated(network) is None:
            costs = [objective.measure(network) for objective in objectives]
            bound = bound_at(lines, costs)
            assert setup.proxy.score(network).value <= bound
            tried += bound < math.inf
    assert tried > 50
    for line in lines:
        best = line.networks[0]
        costs = [objective.measure(best.architecture) for objective in objectives]
        assert all(cost <= limit for cost, limit in zip(costs, line.limits, strict=True))
        assert best.score <= bound_at(lines, costs) + 1e-9
        assert best.score == pytest.approx(bound_at(lines, line.limits), abs=2e-6)


@pytest.mark.usefixtures("no_shared_memory")
def test_without_memory_to_share_one_limit_comes_after_the_other() -> None:
    setup = small("mobilenet", START, [LayersLimit(5), FlopsLimit(700_000, 32, 10)])
    objectives = [FlopsLimit(700_000, 32, 10)]
    found = [solve_front(setup, objectives, limits_below(700_000, 3), 32, processes, lambda line: None) for processes in (1, 2)]
    assert [line.limits for line in found[0].lines] == [line.limits for line in found[1].lines] != []


def test_bounds_fall_and_rise_by_the_prices_and_hold_near_the_limits_alone() -> None:
    line = Line((100.0, math.inf), 50.0, (Priced(48.0, (0.1, 0.0)), Priced(51.0, (0.5, 0.0))), [])
    assert line.bound((100, 7)) == 50
    assert line.bound((90, math.inf)) == 47
    assert line.bound((50, 7)) == 43
    assert line.bound((110, 7)) == 56
    assert line.bound((126, 7)) == math.inf


@pytest.mark.parametrize("costs", [1, 2, 3])
def test_best_of_any_cost(costs: int) -> None:
    rng = np.random.default_rng(costs)
    score, cost = rng.integers(0, 30, 400).astype(float), rng.integers(0, 12, (400, costs))
    found = best_of_any_cost(score, cost)
    expected = non_dominated([(-float(value), *map(float, each)) for value, each in zip(score, cost, strict=True)])
    points = {(score[number], *cost[number].tolist()) for number in np.flatnonzero(expected).tolist()}
    assert {(score[number], *cost[number].tolist()) for number in found.tolist()} == points
    assert len(found) == len(points)
    assert (np.diff(score[found]) <= 0).all()
