"""The optimum of DeepMAD's score against every network of small instances, and its programs against each network's score."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from brute_force import MBCONV, MOBILENET, RESNET, TWO_STAGES, compare, narrowed, networks, none_is_better, scored, small
from zen_lightning.arch import Architecture
from zen_lightning.budget import (
    Budget,
    Effectiveness,
    FlopsLimit,
    LargestShare,
    LayersEachStage,
    LayersLimit,
    Limit,
    ParamsLimit,
    RisingWidths,
    Shape,
)
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.search.exact.bound import Program
from zen_lightning.search.exact.cells import grid
from zen_lightning.search.exact.enumeration import Enumeration
from zen_lightning.search.exact.first_cells import first_cells
from zen_lightning.search.exact.labels import undominated
from zen_lightning.search.exact.problem import Problem, Slot, problem_of
from zen_lightning.search.exact.pruning import prune
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.widths import multiples_up_to

CASES = {
    "resnet": ("resnet", RESNET, ("SuperResK3K3", "SuperResK1K5K1"), 5),
    "mobilenet": ("mobilenet", MOBILENET, ("SuperResIDWE1K3", "SuperResIDWE2K5"), 5),
    "mbconv": ("mbconv", MBCONV, ("MBConvE1K3", "MBConvE3K3SE"), 5),
}
LINEAR_END = "SuperConvK3BNRELU(3,8,2,1)MBConvE6K3(8,8,2,1)MBConvE6K3(8,8,1,1)"


@pytest.mark.parametrize(
    ("weights", "rho"),
    [
        ((1, 2, 8), 1.2),
        ((3, 0.5), None),
        *(pytest.param(*both, marks=pytest.mark.long) for both in (((1, 2, 8), 0.9), ((0, 0, 1), 1.5), ((1, 1, 1, 1, 8), 0.7))),
    ],
)
@pytest.mark.parametrize("case", CASES)
def test_optimum(case: str, weights: tuple[float, ...], rho: float | None) -> None:
    space, start, names, layers = CASES[case]
    limits: list[Limit] = [LayersLimit(layers), ParamsLimit(1, 10), FlopsLimit(1, 32, 10)]
    setup = small(space, start, limits, proxy=DeepMad(32, weights, rho))
    assert compare(setup, names, {ParamsLimit: 0.2 if len(weights) == 3 else 0.6, FlopsLimit: 0.7})


@pytest.mark.parametrize("rho", [None, *(pytest.param(rho, marks=pytest.mark.long) for rho in (1.0, 0.7))])
def test_several_blocks_of_a_place_and_wider_ones(rho: float | None) -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(8), FlopsLimit(1, 32, 10)], proxy=DeepMad(32, rho=rho))
    assert request_of(setup, 32).chain.blocks == 2
    compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.3})


@pytest.mark.parametrize("rho", [None, 1.0])
def test_a_network_that_ends_with_linear_blocks(rho: float | None) -> None:
    setup = small("mbconv", LINEAR_END, [LayersLimit(5), ParamsLimit(1, 10)], proxy=DeepMad(32, (1, 2), rho))
    compare(setup, ("MBConvE1K3", "MBConvE3K3SE"), {ParamsLimit: 0.4})


@pytest.mark.parametrize(
    "shape",
    [
        RisingWidths(),
        Effectiveness(0.6),
        *(pytest.param(shape, marks=pytest.mark.long) for shape in (LayersEachStage(2, None, 32), LargestShare(0.7, 32))),
    ],
    ids=lambda shape: shape.name,
)
def test_with_a_shape(shape: Shape) -> None:
    limits: list[Limit] = [LayersLimit(6), FlopsLimit(1, 32, 10)]
    setup = small("mobilenet", TWO_STAGES, limits, shapes=[shape], proxy=DeepMad(32))
    compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.5})


def test_no_network_within_rho() -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(5), FlopsLimit(10**7, 32, 10)], proxy=DeepMad(32, rho=0.001))
    assert compare(setup, ("SuperResIDWE1K3",), {}) == []


@pytest.mark.parametrize("rho", [None, pytest.param(0.5, marks=pytest.mark.long)])
def test_no_random_network_within_the_budget_is_better(rho: float | None) -> None:
    limits: list[Limit] = [LayersLimit(6), FlopsLimit(1_500_000, 32, 10)]
    setup = small("mobilenet", MOBILENET, limits, proxy=DeepMad(32, rho=rho))
    none_is_better(setup, 20_000)


def whole(case: str) -> tuple[Problem, list[Architecture], list[float]]:
    """Return the problem of a case without rho, all networks, and their scores in the units of the tables.

    All of them are within the limit on parameters.
    """
    space, start, names, layers = CASES[case]
    setup = small(space, start, [LayersLimit(layers), ParamsLimit(1, 10)], proxy=DeepMad(32, (1, 2, 8), None))
    every = list(networks(narrowed(setup, names).chain, (8, 16)))
    limit = max(net.num_params(10) for net in every)
    request = narrowed(replace(setup, budget=Budget([LayersLimit(layers), ParamsLimit(limit, 10)])), names)
    widths = multiples_up_to(16, request.chain.fixed_widths)
    some = widths.numbers([8, 16])
    problem = problem_of(request.chain, widths, request.costs, request.score, some, some)
    scores = [scored(setup.proxy, net) for net in every]
    return problem, every, [score / request.score.scale for score in scores if score is not None]


@pytest.mark.parametrize("points", [1, 3, 40])
@pytest.mark.parametrize("case", CASES)
def test_bounds_hold_at_any_price_and_on_any_grid(case: str, points: int) -> None:
    problem, every, scores = whole(case)
    rng = Random(3)
    first = first_cells(problem)
    for _ in range(8):
        # Ranges that are too narrow only make bounds higher.
        narrow = rng.random() < 0.5
        cells = [grid(points, c.low[0] + 3 * narrow, max(c.low[0] + 4, c.low[-1] - 5 * narrow)) for c in first]
        program = Program(problem, list(cells))
        price = 10 ** rng.uniform(-5, -1)
        bound = program.solve(np.array([price]))
        limit = problem.costs[0].maximum
        values = [score + price * (limit - net.num_params(10)) for net, score in zip(every, scores, strict=True)]
        assert bound.value >= max(values) - 1e-9
        if points == 40 and not narrow:
            assert bound.value <= max(values) + 0.05
        threshold = sorted(values)[-5]
        kept = prune(program, bound, threshold)
        left = problem.keep({slot: best >= threshold - 1e-9 for slot, best in kept.best.items()})
        reduced = Program(left, kept.cells(points))
        found = Enumeration(reduced, [reduced.solve(np.array([price]))], -1e9).run()
        assert found.score[0] >= max(score for score, value in zip(scores, values, strict=True) if value >= threshold) - 1e-9


@pytest.mark.parametrize("case", CASES)
def test_a_grid_of_two_points_loses_nothing_but_between_points(case: str) -> None:
    problem, every, scores = whole(case)
    widest = Program(problem, first_cells(problem)).solve(np.zeros(1)).value
    closer = Program(problem, [grid(60, c.low[0], c.low[-1]) for c in first_cells(problem)]).solve(np.zeros(1)).value
    assert max(scores) - 1e-9 <= closer <= widest
    assert len(every) == len(scores)


@pytest.mark.parametrize("case", CASES)
def test_every_network_is_enumerated_with_its_own_score(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "zen_lightning.search.exact.enumeration.undominated", lambda labels, score, slopes: np.ones(len(labels), bool)
    )
    problem, every, scores = whole(case)
    program = Program(problem, first_cells(problem))
    found = Enumeration(program, [program.solve(np.zeros(1))], -1e9).run()
    assert sorted(found.score.tolist()) == pytest.approx(sorted(scores), abs=1e-10)
    assert len(every) == len(found.networks)


def test_what_dominates_scores_at_least_as_high_whatever_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, _, _ = whole("resnet")
    program = Program(problem, first_cells(problem))
    seen = []

    def watched(labels, score, slopes):  # type: ignore[no-untyped-def]
        seen.append((labels, slopes, undominated(labels, score, slopes)))
        return np.ones(len(labels), bool)

    monkeypatch.setattr("zen_lightning.search.exact.enumeration.undominated", watched)
    Enumeration(program, [program.solve(np.zeros(1))], -1e9).run()
    dropped = 0
    for labels, (low, high), kept in seen:
        for at in np.flatnonzero(~kept):
            rivals = np.flatnonzero((labels.row == labels.row[at]) & (labels.cost <= labels.cost[at]).all(axis=1) & kept)
            lead = [
                labels.score[rivals] - labels.score[at] + slope * (labels.excess[rivals] - labels.excess[at])
                for slope in (low, high)
            ]
            assert (np.minimum(*lead) >= -1e-12).any()
            dropped += 1
    assert dropped > 20


def test_slots_without_blocks_are_no_network() -> None:
    problem, _, _ = whole("resnet")
    none: dict[Slot, np.ndarray] = {slot: np.zeros(len(options), bool) for slot, options in problem.options.items()}
    left = problem.keep(none)
    assert Program(left, first_cells(left)).solve(np.zeros(1)).value == -np.inf
