"""Shapes and the limit on memory, which hold block by block or stage by stage, against every network of small instances."""

from random import Random

import pytest

from brute_force import MOBILENET, RESNET, TWO_STAGES, Share, compare, small
from zen_lightning.arch import Architecture
from zen_lightning.budget import (
    ActivationsLimit,
    Budget,
    Effectiveness,
    FlopsLimit,
    LargestShare,
    LayersEachStage,
    LayersLimit,
    ParamsLimit,
    RisingWidths,
)
from zen_lightning.errors import UserError
from zen_lightning.search.exact.chain import NoTablesError
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.rules import Rules, States
from zen_lightning.search.exact.solve import solve

PLAIN = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperResK3K3(16,16,2,8,1)"


@pytest.mark.parametrize("share", [0.3, *(pytest.param(share, marks=pytest.mark.long) for share in (0.02, 0.8))])
def test_widths_that_never_fall(share: Share) -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(1, 10)], shapes=[RisingWidths()])
    assert compare(setup, ("SuperResK3K3", "SuperResK1K3K1"), {ParamsLimit: share}, 24 if share == 0.3 else 16)


@pytest.mark.parametrize(
    ("least", "most"), [(2, None), *(pytest.param(*both, marks=pytest.mark.long) for both in ((1, 2), (2, 2), (3, None)))]
)
def test_layers_of_each_stage(least: int, most: int | None) -> None:
    shape = LayersEachStage(least, most, 32)
    setup = small("mobilenet", TWO_STAGES, [LayersLimit(2 + 2 * least + 1), FlopsLimit(1, 32, 10)], shapes=[shape])
    assert compare(setup, ("SuperResIDWE1K3",), {FlopsLimit: 0.7}, 8 if least == 3 else 16)


def test_layers_of_a_stage_of_several_blocks() -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(8), FlopsLimit(1, 32, 10)], shapes=[LayersEachStage(2, 3, 32)])
    fitting = compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.9})
    assert {sum(block.sub_layers for block in net.blocks[1:-1]) for net in fitting} == {2, 3}


def test_two_shapes_at_once() -> None:
    shapes = [RisingWidths(), LayersEachStage(2, None, 32)]
    setup = small("mobilenet", TWO_STAGES, [LayersLimit(6), FlopsLimit(1, 32, 10)], shapes=shapes)
    assert compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.6})


@pytest.mark.parametrize("most", [0.6, *(pytest.param(most, marks=pytest.mark.long) for most in (0.55, 0.123, 0.8))])
def test_largest_share_of_a_stage(most: float) -> None:
    setup = small("mobilenet", TWO_STAGES, [LayersLimit(5), FlopsLimit(1, 32, 10)], shapes=[LargestShare(most, 32)])
    fitting = compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: 0.7})
    assert bool(fitting) is (most > 0.5)


@pytest.mark.parametrize("most", [0.35, *(pytest.param(most, marks=pytest.mark.long) for most in (0.25, 0.5, 5.0))])
@pytest.mark.parametrize(("space", "start"), [("resnet", RESNET), ("mobilenet", MOBILENET)])
def test_depth_over_width(space: str, start: str, most: float) -> None:
    setup = small(space, start, [LayersLimit(5), ParamsLimit(1, 10)], shapes=[Effectiveness(most)])
    names = ("SuperResK3K3", "SuperResK1K3K1") if space == "resnet" else ("SuperResIDWE2K3",)
    compare(setup, names, {ParamsLimit: 0.5}, 24 if space == "mobilenet" else 16)


@pytest.mark.parametrize("share", [0.1, *(pytest.param(share, marks=pytest.mark.long) for share in (0.0, 0.4, 0.9))])
@pytest.mark.parametrize(("space", "start"), [("resnet", RESNET), ("mobilenet", MOBILENET)])
def test_peak_activations(space: str, start: str, share: Share) -> None:
    setup = small(space, start, [LayersLimit(5), ParamsLimit(1, 10), ActivationsLimit(1, 32, 10)])
    names = ("SuperResK3K3", "SuperResK1K3K1") if space == "resnet" else ("SuperResIDWE2K3",)
    compare(setup, names, {ParamsLimit: 0.8, ActivationsLimit: share}, 24 if space == "mobilenet" else 16)


def test_peak_of_many_classes() -> None:
    """The classifier's memory limits the width that arrives there."""
    setup = small("resnet", RESNET, [LayersLimit(4), ParamsLimit(10**6, 30_000), ActivationsLimit(30_008, 32, 30_000)])
    assert {net.out_channels for net in compare(setup, ("SuperResK3K3",), {})} == {8}


def test_no_random_network_of_the_shape_is_better() -> None:
    shapes = [RisingWidths(), LayersEachStage(2, None, 32)]
    limits = [LayersLimit(8), FlopsLimit(1_500_000, 32, 10), ActivationsLimit(12_000, 32, 10)]
    setup = small("mobilenet", TWO_STAGES, limits, shapes=shapes)
    request = request_of(setup, 32)
    solution = solve(request.chain, request.costs, request.score)
    assert setup.budget.violated(solution.networks[0].architecture) is None
    start = solution.networks[-1].architecture
    rng, parent, tried = Random(5), start, 0
    for number in range(20_000):
        child = setup.space.mutate(parent, rng, 2).split()
        if setup.budget.violated(child) is None:
            parent, tried = child if number % 500 else start, tried + 1
            assert setup.proxy.score(child).value <= solution.bound
    assert tried > 500


def test_a_limit_on_memory_alone_bounds_the_widths() -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(3), ActivationsLimit(12_000, 32, 10)])
    request = request_of(setup, 32)
    best = solve(request.chain, request.costs, request.score).networks[0].architecture
    assert setup.budget.violated(best) is None


def test_nothing_has_the_shape() -> None:
    setup = small("mobilenet", TWO_STAGES, [LayersLimit(5), ParamsLimit(10**5, 10)], shapes=[LayersEachStage(2, None, 32)])
    request = request_of(setup, 32)
    with pytest.raises(UserError, match="no network of the space keeps to the budget"):
        solve(request.chain, request.costs, request.score)


def test_layers_of_stages_need_a_last_convolution() -> None:
    setup = small("resnet", PLAIN, [LayersLimit(9), ParamsLimit(10**5, 10)], shapes=[LayersEachStage(1, None, 32)])
    with pytest.raises(NoTablesError, match="networks that end in a convolution"):
        request_of(setup, 32)


def test_states_lead_downwards() -> None:
    states = States(9, Rules(least_layers=2, most_layers=3), (None, 1, 2, None))
    for slot in ((1, False), (1, True), (2, False), (3, False)):
        for layers in (1, 2, 3):
            assert all(then < state for state, then in enumerate(states.after(slot, layers)))
    one = states.after((1, False), 2)[states.first]
    assert states.after((1, True), 2)[one] == -1  # Four layers.
    assert states.after((2, False), 1)[states.after((1, False), 1)[states.first]] == -1  # A stage of one.
    two = states.after((2, False), 2)[one]
    assert states.ends(states.after((3, False), 1)[two])
    assert not states.ends(states.after((2, False), 1)[one])


def test_budget_of_the_start_is_not_asked_for() -> None:
    """The start may have any widths; only its kinds and strides matter."""
    budget = Budget([LayersLimit(6), ParamsLimit(10**5, 10)], [RisingWidths()])
    assert budget.violated(Architecture.parse(TWO_STAGES)) is not None
