"""What is taken from a front."""

from itertools import pairwise

from zen_lightning.arch import Architecture
from zen_lightning.search.front_points import FrontPoint, spread, staircase

ARCHS = [Architecture.parse(f"SuperConvK3BNRELU(3,{8 * width},1,1)") for width in range(1, 60)]


def points(*rows: tuple[float, float, float]) -> list[FrontPoint]:
    return [FrontPoint(arch, score, (one, two)) for arch, (score, one, two) in zip(ARCHS, rows, strict=False)]


def test_a_staircase_goes_up_with_the_cost_it_is_asked_about() -> None:
    front = points((1, 10, 90), (3, 20, 80), (2, 15, 10), (2.5, 30, 5))
    assert [step.score for step in staircase(front)] == [1, 2, 3]
    assert [step.score for step in staircase(front, 1)] == [2.5, 3]


def test_the_spread_reaches_from_a_sixteenth_to_the_largest() -> None:
    front = points(*((cost, cost, 1) for cost in range(1, 58)))
    chosen = spread(front, 5)
    costs = [point.costs[0] for point in chosen]
    assert costs[-1] == 57
    assert costs[0] == 3
    assert costs == sorted(set(costs))
    assert all(1.5 < b / a < 2.6 for a, b in pairwise(costs))


def test_few_points_are_there_once() -> None:
    front = points((1, 10, 1), (2, 11, 1))
    assert [point.score for point in spread(front, 12)] == [1, 2]
    assert [point.score for point in spread(front, 1)] == [2]
    assert spread([], 3) == []
