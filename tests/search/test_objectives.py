"""Objectives by name."""

import pytest

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit
from zen_lightning.errors import UserError
from zen_lightning.search.objectives import objectives

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,2)")
BUDGET = Budget([LayersLimit(18), FlopsLimit(5_000_000, 32, 10)])


def test_cost_what_the_network_costs_up_to_the_limit_of_the_budget() -> None:
    flops, params, layers = objectives(["flops", "params", "layers"], BUDGET, 32, 10)
    assert (flops.measure(ARCH), params.measure(ARCH), layers.measure(ARCH)) == (ARCH.flops(32, 10), ARCH.num_params(10), 3)
    assert (flops.maximum, params.maximum, layers.maximum) == (5_000_000, float("inf"), 18)


def test_any_limit_of_the_budget_is_an_objective() -> None:
    class Predicted(Limit):
        name = "latency_ms"

        def measure(self, architecture: BaseArchitecture) -> float:
            return 0.25

    (latency,) = objectives(["latency_ms"], Budget([Predicted(0.5)]), 32, 10)
    assert (latency.name, latency.measure(ARCH), latency.maximum) == ("latency_ms", 0.25, 0.5)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["parms"], "objectives=parms: did you mean 'params'"),
        (["flops", "params", "flops"], "'flops' is there twice"),
        ([], "name one or more of params, flops, layers, activations; the score is always the first"),
        (["score", "flops"], "the score is always the first"),
        (["latency_ms"], "objectives=latency_ms: choose from: params, flops, layers, activations"),
        (["peak_activations"], "did you mean 'activations'"),
    ],
)
def test_names_that_cannot_be_used(names: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        objectives(names, BUDGET, 32, 10)


def test_a_cost_that_differs_each_time_is_refused() -> None:
    class Measured(Limit):
        name = "latency_ms"
        repeatable = False

        def measure(self, architecture: BaseArchitecture) -> float:
            raise AssertionError

    with pytest.raises(UserError, match="is measured, and differs each time"):
        objectives(["latency_ms"], Budget([Measured(0.5)]), 32, 10)
