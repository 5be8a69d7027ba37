"""The optimum against every network of small instances, one by one."""

import pytest

from brute_force import MBCONV, MOBILENET, RESNET, Share, compare, narrowed, networks, none_is_better, small
from zen_lightning.budget import (
    ActivationsLimit,
    Effectiveness,
    FlopsLimit,
    LayersEachStage,
    LayersLimit,
    ParamsLimit,
    RisingWidths,
)
from zen_lightning.errors import UserError
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve


@pytest.mark.parametrize("reading", ["running", "batch"])
@pytest.mark.parametrize("share", [0.0, 0.2, *(pytest.param(share, marks=pytest.mark.long) for share in (0.01, 0.7, 1.0))])
def test_resnet_under_params(share: Share, reading: str) -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(1, 10)], reading)
    compare(setup, ("SuperResK3K3", "SuperResK1K5K1"), {ParamsLimit: share})


@pytest.mark.parametrize("share", [0.02, *(pytest.param(share, marks=pytest.mark.long) for share in (0.0, 0.5, 1.0))])
def test_extra_blocks(share: Share) -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(8), FlopsLimit(1, 32, 10)])
    assert request_of(setup, 32).chain.blocks == 2
    compare(setup, ("SuperResIDWE2K3",), {FlopsLimit: share})


@pytest.mark.parametrize(
    ("params", "flops"),
    [
        (0.05, 0.3),
        (0.0, 0.0),
        pytest.param(0.3, 0.05, marks=pytest.mark.long),
        pytest.param(0.5, 0.5, marks=pytest.mark.long),
        pytest.param(1.0, 0.1, marks=pytest.mark.long),
    ],
)
def test_two_limits_at_once(params: Share, flops: Share) -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(1, 10), FlopsLimit(1, 32, 10)])
    compare(setup, ("SuperResK3K3", "SuperResK1K3K1"), {ParamsLimit: params, FlopsLimit: flops})


@pytest.mark.parametrize("share", [0.3, *(pytest.param(share, marks=pytest.mark.long) for share in (0.0, 0.02, 1.0))])
@pytest.mark.parametrize("kind", [ParamsLimit, FlopsLimit])
def test_linear_outputs_and_widths_inside_that_depend_on_the_input(kind: type[ParamsLimit | FlopsLimit], share: Share) -> None:
    limit = ParamsLimit(1, 10) if kind is ParamsLimit else FlopsLimit(1, 32, 10)
    compare(small("mbconv", MBCONV, [LayersLimit(6), limit]), ("MBConvE1K3SE", "MBConvE3K5"), {kind: share})


@pytest.mark.parametrize("reading", ["batch", "running"])
def test_a_network_that_begins_and_ends_with_linear_blocks(reading: str) -> None:
    setup = small("mbconv", "MBConvE6K3(3,8,2,1)MBConvE6K3(8,8,2,1)", [LayersLimit(5), ParamsLimit(1, 10)], reading)
    compare(setup, ("MBConvE1K3", "MBConvE3K3SE"), {ParamsLimit: 0.4}, 24)


def test_shapes_of_linear_blocks() -> None:
    limits = [LayersLimit(7), FlopsLimit(1, 32, 10), ActivationsLimit(1, 32, 10)]
    setup = small("mbconv", MBCONV, limits, shapes=[RisingWidths(), LayersEachStage(2, None, 32), Effectiveness(0.9)])
    assert compare(setup, ("MBConvE1K3SE", "MBConvE3K3"), {FlopsLimit: 0.7, ActivationsLimit: 0.8})


def test_layers_alone_in_a_space_with_a_largest_width() -> None:
    compare(small("resnet", RESNET, [LayersLimit(4)]), ("SuperResK3K3",), {})


def test_structures_differ_in_more_than_widths() -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(6_000, 10)])
    request = narrowed(setup, ("SuperResK3K3", "SuperResK1K5K1"))
    solution = solve(request.chain, request.costs, request.score, 3, widest=16)
    fitting = [net for net in networks(request.chain, (8, 16)) if setup.budget.violated(net) is None]
    scored = sorted(((setup.proxy.score(net).value, str(net)) for net in fitting), reverse=True)
    kinds = [tuple((b.name, b.sub_layers) for b in found.architecture.blocks) for found in solution.networks]
    assert len(set(kinds)) == len(kinds) > 1
    # Those that a better network makes superfluous may be missing; what is there is a network of the space, with its own score.
    assert solution.networks[0].score == pytest.approx(scored[0][0], abs=1e-8)
    for found in solution.networks:
        assert setup.budget.violated(found.architecture) is None
        assert setup.proxy.score(found.architecture).value == pytest.approx(found.score, abs=1e-8)


@pytest.mark.long
def test_twice_the_same() -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(6_000, 10)])
    request = request_of(setup, 32)
    first, second = (solve(request.chain, request.costs, request.score, 4) for _ in range(2))
    assert first == second


def test_no_random_network_within_the_budget_is_better() -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(8), FlopsLimit(1_500_000, 32, 10)])
    none_is_better(setup, 20_000)


@pytest.mark.parametrize("most", [1, 12, 40])
def test_with_too_many_partial_networks_the_bound_is_higher_and_holds(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = small("mobilenet", MOBILENET, [LayersLimit(5), FlopsLimit(400_000, 32, 10)])
    request = narrowed(setup, ("SuperResIDWE1K3", "SuperResIDWE2K3"))
    best = solve(request.chain, request.costs, request.score, widest=16)
    monkeypatch.setattr("zen_lightning.search.exact.solve._MOST_LABELS", most)
    cut = solve(request.chain, request.costs, request.score, widest=16)
    assert cut.bound >= best.networks[0].score
    assert best.networks[0].score >= cut.networks[0].score
    assert setup.budget.violated(cut.networks[0].architecture) is None
    assert cut.bound <= cut.dual_bound + 2e-6


def test_nothing_fits() -> None:
    setup = small("resnet", RESNET, [LayersLimit(5), ParamsLimit(300, 10)])
    request = request_of(setup, 32)
    with pytest.raises(UserError, match="no network of the space keeps to the budget"):
        solve(request.chain, request.costs, request.score)
