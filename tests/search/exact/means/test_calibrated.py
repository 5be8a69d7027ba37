"""The optimum of the calibrated score against every network of small instances."""

import pytest

from brute_force import MBCONV, MOBILENET, RESNET, TWO_STAGES, Share, compare, narrowed, networks, none_is_better, small
from zen_lightning.budget import (
    ActivationsLimit,
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
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve

ONE_STAGE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,16,1,8,1)"
CASES = [
    ("resnet", RESNET, ("SuperResK3K3", "SuperResK1K5K1"), 5),
    ("mobilenet", MOBILENET, ("SuperResIDWE1K3", "SuperResIDWE2K5"), 5),
    ("mbconv", MBCONV, ("MBConvE1K3", "MBConvE3K3SE"), 6),
]


@pytest.mark.parametrize("weights", ["imagenet", "small"])
@pytest.mark.parametrize("share", [0.6, *(pytest.param(share, marks=pytest.mark.long) for share in (0.0, 0.1, 1.0))])
@pytest.mark.parametrize(("space", "start", "names", "layers"), CASES, ids=[case[0] for case in CASES])
def test_optimum(space: str, start: str, names: tuple[str, ...], layers: int, share: Share, weights: str) -> None:
    setup = small(space, start, [LayersLimit(layers), ParamsLimit(1, 10)], proxy=ZenCalibrated(32, weights))
    assert compare(setup, names, {ParamsLimit: share})


def test_two_limits() -> None:
    limits: list[Limit] = [LayersLimit(5), ParamsLimit(1, 10), FlopsLimit(1, 32, 10)]
    setup = small("resnet", RESNET, limits, proxy=ZenCalibrated(32, "imagenet"))
    assert compare(setup, ("SuperResK3K3", "SuperResK1K3K1"), {ParamsLimit: 0.6, FlopsLimit: 0.3})


def test_extra_blocks() -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(8), FlopsLimit(1, 32, 10)], proxy=ZenCalibrated(32, "imagenet"))
    assert request_of(setup, 32).chain.blocks == 2
    compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.3})


def test_steps_of_one_stage() -> None:
    setup = small("resnet", ONE_STAGE, [LayersLimit(5), FlopsLimit(1, 32, 10)], proxy=ZenCalibrated(32, "imagenet"))
    compare(setup, ("SuperResK3K3",), {FlopsLimit: 0.4})


@pytest.mark.parametrize(
    ("shapes", "limits"),
    [
        ([RisingWidths()], []),
        ([LayersEachStage(2, None, 32)], []),
        ([RisingWidths(), LayersEachStage(1, 2, 32)], []),
        ([Effectiveness(0.9)], []),
        ([LargestShare(0.6, 32)], []),
        ([], [ActivationsLimit(1, 32, 10)]),
    ],
    ids=["rising", "layers", "both", "depth over width", "share", "activations"],
)
def test_shapes(shapes: list[Shape], limits: list[Limit]) -> None:
    limits = [LayersLimit(6), FlopsLimit(1, 32, 10), *limits]
    setup = small("mobilenet", TWO_STAGES, limits, shapes=shapes, proxy=ZenCalibrated(32, "imagenet"))
    assert compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.6, ActivationsLimit: 0.5})


@pytest.mark.parametrize(("space", "start", "layers"), [("mobilenet", MOBILENET, 8), ("resnet", RESNET, 7)])
def test_no_random_network_within_the_budget_is_better(space: str, start: str, layers: int) -> None:
    setup = small(space, start, [LayersLimit(layers), FlopsLimit(1_500_000, 32, 10)], proxy=ZenCalibrated(32, "imagenet"))
    none_is_better(setup, 10_000)


def test_networks_of_every_cost_are_beaten_by_none() -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(5_000, 10)], proxy=ZenCalibrated(32, "imagenet"))
    request = narrowed(setup, ("SuperResK3K3", "SuperResK1K5K1"))
    solution = solve(request.chain, request.costs, request.score, widest=16, every_cost=True)
    every = [(net.num_params(10), setup.proxy.score(net).value) for net in networks(request.chain, (8, 16))]
    assert len(solution.every_cost) > 1
    for found in solution.every_cost:
        params = found.architecture.num_params(10)
        assert setup.proxy.score(found.architecture).value == pytest.approx(found.score, abs=1e-8)
        assert max(score for cost, score in every if cost <= params) <= found.score + 1e-9
