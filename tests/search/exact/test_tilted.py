"""Bounds under several prices: fewer partial networks, the same optimum; and prices that lower a bound."""

import numpy as np
import pytest

from brute_force import small
from zen_lightning.budget import FlopsLimit, LayersLimit, Limit, ParamsLimit
from zen_lightning.search.exact.bound import Program
from zen_lightning.search.exact.cells import excess_cells
from zen_lightning.search.exact.enumeration import Enumeration
from zen_lightning.search.exact.prices import improved, lowest
from zen_lightning.search.exact.problem import problem_of
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.tilted import tilted
from zen_lightning.search.exact.widths import multiples_up_to

START = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,16,1,1)"


def program_of(limits: list[Limit]) -> Program:
    request = request_of(small("resnet", START, [LayersLimit(6), *limits]), 32)
    widths = multiples_up_to(48)
    every = np.arange(len(widths))
    problem = problem_of(request.chain, widths, request.costs, request.score, every, every)
    return Program(problem, [excess_cells(8)] * problem.steps)


@pytest.mark.parametrize("limits", [[ParamsLimit(30_000, 10)], [ParamsLimit(30_000, 10), FlopsLimit(4_000_000, 32, 10)]])
def test_fewer_partial_networks_and_the_same_best_ones(limits: list[Limit]) -> None:
    program = program_of(limits)
    prices = lowest(lambda at: program.solve(at).value, np.full(len(limits), 1e-5), 1000.0, 0.01)[0]
    bound = program.solve(prices)
    bounds = tilted(program, bound)
    assert bounds[0] is bound
    best = Enumeration(program, bounds[:1], -np.inf, 300).run().score[0]
    alone = Enumeration(program, bounds[:1], best - 0.2).run()
    several = Enumeration(program, bounds, best - 0.2).run()
    assert several.labels < alone.labels
    assert several.score[0] == alone.score[0]
    assert several.networks[0] == alone.networks[0]


def test_giving_up_leaves_nothing() -> None:
    program = program_of([ParamsLimit(30_000, 10)])
    bound = program.solve(np.array([1e-5]))
    found = Enumeration(program, [bound], -np.inf, 300, gives_up=True).run()
    assert found.cut
    assert not found.networks
    assert Enumeration(program, [bound], -np.inf, 300).run().networks


def test_prices_move_to_the_lowest_point_of_a_parabola() -> None:
    def bound(prices: np.ndarray) -> float:
        return float((prices[0] - 1.02) ** 2 + (prices[1] - 9.5) ** 2)

    better = improved(bound, np.array([1.0, 10.0, 0.0]), 0.03)
    assert better == pytest.approx([1.02, 9.5, 0.0], abs=1e-9)
    far = improved(bound, np.array([1.0, 20.0, 0.0]), 0.03)
    assert far[1] == pytest.approx(20 * 0.94)
