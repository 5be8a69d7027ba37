"""The optimum of the multi-scale entropy against every network of small instances."""

import pytest

from brute_force import MBCONV, MOBILENET, RESNET, Share, compare, small
from zen_lightning.budget import FlopsLimit, LayersLimit, Limit, ParamsLimit, RisingWidths
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.search.exact.entropy import stage_sizes
from zen_lightning.search.exact.request import request_of

CASES = [
    ("resnet", RESNET, ("SuperResK3K3", "SuperResK1K5K1"), 5),
    ("mobilenet", MOBILENET, ("SuperResIDWE1K3", "SuperResIDWE2K5"), 5),
    ("mbconv", MBCONV, ("MBConvE1K3", "MBConvE3K3SE"), 5),
]


@pytest.mark.parametrize("weights", [(1, 2, 8), (3, 0.5), (1, 1, 1, 1, 8)])
@pytest.mark.parametrize(("space", "start", "names", "layers"), CASES, ids=[case[0] for case in CASES])
def test_optimum(space: str, start: str, names: tuple[str, ...], layers: int, weights: tuple[float, ...]) -> None:
    limits: list[Limit] = [LayersLimit(layers), ParamsLimit(1, 10), FlopsLimit(1, 32, 10)]
    setup = small(space, start, limits, proxy=MultiScaleEntropy(32, weights))
    share: Share = 0.2 if len(weights) == 3 else 0.6
    compare(setup, names, {ParamsLimit: share, FlopsLimit: 0.7})


@pytest.mark.long
def test_with_a_shape() -> None:
    limits: list[Limit] = [LayersLimit(8), FlopsLimit(1, 32, 10)]
    setup = small("mobilenet", MOBILENET, limits, shapes=[RisingWidths()], proxy=MultiScaleEntropy(32))
    assert compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.3})


def test_stages_are_those_of_convolutions() -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(5), ParamsLimit(10**5, 10)])
    assert stage_sizes(request_of(setup, 32).chain) == [16, 8]
