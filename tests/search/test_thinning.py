"""A start that is over its budget becomes smaller, down to what its space reaches."""

from random import Random
from typing import Any

import pytest

from zen_lightning.budget import ActivationsLimit, Budget, FlopsLimit, LayersLimit, Limit, ParamsLimit
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.thinning import BudgetTooSmallError, thinned_start
from zen_lightning.space import SearchSpace, search_space

RESNET = (
    "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,3)SuperResK3K3(32,64,2,32,1)"
    "SuperResK3K3(64,64,2,32,2)SuperConvK1BNRELU(64,128,1,1)"
)
MOBILENET = (
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,48,2,32,2)SuperResIDWE6K3(48,96,2,48,1)"
    "SuperResIDWE6K3(96,128,2,96,1)SuperConvK1BNRELU(128,512,1,1)"
)
MBCONV = "SuperConvK3BNRELU(3,16,2,1)MBConvE6K5SE(16,24,2,2)MBConvE6K3(24,40,2,3)SuperConvK1BNRELU(40,320,1,1)"
CODE = "-".join(["e6k5l2s1"] * 7)
STARTS = {"resnet": RESNET, "mobilenet": MOBILENET, "mbconv": MBCONV, "accel_nasbench": CODE}


def started(name: str) -> tuple[SearchSpace[Any], Any]:
    space = search_space(name)
    return space, space.parse(STARTS[name])


def unsaid(text: str) -> None:
    raise AssertionError(text)


@pytest.mark.parametrize("name", STARTS)
def test_a_start_that_fits_stays(name: str) -> None:
    space, start = started(name)
    budget = Budget([LayersLimit(start.num_layers), ParamsLimit(start.num_params(10), 10)])
    assert thinned_start(space, budget, start, unsaid) is start


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("share", [0.9, 0.5, 0.25])
def test_the_start_fits_each_limit_and_is_said(name: str, share: float) -> None:
    space, start = started(name)
    limits: list[Limit] = [
        ParamsLimit(share * start.num_params(10), 10),
        FlopsLimit(share * start.flops(64, 10), 64, 10),
        ActivationsLimit(max(share, 0.5) * start.peak_activations(64, 10), 64, 10),
    ]
    for budget in [*(Budget([limit]) for limit in limits), Budget(limits)]:
        said: list[str] = []
        try:
            found = thinned_start(space, budget, start, said.append)
        except BudgetTooSmallError as error:
            assert_smallest(space, budget, error)
            continue
        assert budget.violated(found) is None
        assert found == thinned_start(space, budget, start, said.append)
        assert said[0].startswith("the start is over the budget (")
        assert "searching from a " in said[0]


def assert_smallest(space: SearchSpace[Any], budget: Budget, error: BudgetTooSmallError) -> None:
    """Check that nothing that mutations find is closer to the budget than what the error names."""

    def excess(network: Any) -> float:
        return sum(max(0.0, limit.measure(network) / limit.maximum - 1) for limit in budget.limits)

    rng, at = Random("smaller"), error.smallest
    least = excess(at)
    assert least > 0
    for _ in range(1_000):
        child = space.mutate(at, rng, 2).split()
        assert excess(child) >= least - 1e-12
        if excess(child) < 2 * least + 1:
            at = child


@pytest.mark.parametrize("name", ["resnet", "mobilenet", "mbconv"])
def test_names_strides_and_fixed_blocks_stay_while_widths_are_enough(name: str) -> None:
    space, start = started(name)
    budget = Budget([FlopsLimit(0.6 * start.flops(64, 10), 64, 10)])
    found = thinned_start(space, budget, start, lambda text: None)
    assert [(one.name, one.stride, one.sub_layers) for one in found.blocks] == [
        (one.name, one.stride, one.sub_layers) for one in start.blocks
    ]
    assert all(one.out_channels == two.in_channels for one, two in zip(found.blocks, found.blocks[1:], strict=False))
    if name != "resnet":
        assert found.blocks[-1].out_channels == start.blocks[-1].out_channels
    # It takes the widest of its steps: most of the budget is used.
    assert found.flops(64, 10) > 0.3 * start.flops(64, 10)


def test_what_is_too_deep_becomes_shallower_and_stays_wide() -> None:
    space, start = started("resnet")
    said: list[str] = []
    found = thinned_start(space, Budget([LayersLimit(7)]), start, said.append)
    assert [block.sub_layers for block in found.blocks] == [1, 1, 2, 1, 1, 1]
    assert [block.out_channels for block in found.blocks] == [block.out_channels for block in start.blocks]
    assert said == ["the start is over the budget (layers 9, limit 7): searching from a shallower one (layers 7)"]


@pytest.mark.parametrize("name", STARTS)
def test_how_small_it_gets_is_said(name: str) -> None:
    space, start = started(name)
    budget = Budget([LayersLimit(40), ParamsLimit(100, 10), FlopsLimit(1_000, 64, 10)])
    with pytest.raises(
        BudgetTooSmallError, match=r"no network fits the budget: the smallest .* has params .* and flops"
    ) as caught:
        thinned_start(space, budget, start, unsaid)
    assert "raise params and flops, or lower num_classes or resolution" in str(caught.value)
    if name != "accel_nasbench":  # There the smallest is what many mutations found, a bound that a few cannot check.
        assert_smallest(space, budget, caught.value)


@pytest.mark.parametrize("name", ["resnet", "mobilenet", "mbconv"])
def test_a_budget_that_only_the_smallest_meets_is_searched(name: str) -> None:
    space, start = started(name)
    tiny = Budget([ParamsLimit(1, 10)])
    with pytest.raises(BudgetTooSmallError) as caught:
        thinned_start(space, tiny, start, unsaid)
    least = caught.value.smallest.num_params(10)
    budget = Budget([ParamsLimit(least, 10)])
    found = thinned_start(space, budget, start, lambda text: None)
    assert found.num_params(10) == least
    evolution = SearchSetup(space, ZenClosedForm(64), budget, found, population_size=8).evolution(0)
    evolution.advance(50)
    evolution.require_members()
    assert all(member.architecture.num_params(10) <= least for member in evolution.population.members)


def test_no_candidate_but_the_start_fits() -> None:
    space = search_space("nas_bench_macro")
    start = space.parse(space.start)
    budget = Budget([ParamsLimit(start.num_params(10), 10)])

    class Stuck(type(space)):  # type: ignore[misc]
        def mutate(self, architecture: Any, rng: Random, positions: int = 1) -> Any:
            rng.random()
            return space.parse("22222222")

    assert space.parse("22222222").num_params(10) > start.num_params(10)
    setup = SearchSetup(Stuck(), ZenClosedForm(64), budget, start, max_tries=20)
    evolution = setup.evolution(0)
    evolution.advance(40)
    assert [member.architecture for member in evolution.population.members] == [start]
    assert evolution.accepted + evolution.rejected.total() == evolution.iteration == 40
