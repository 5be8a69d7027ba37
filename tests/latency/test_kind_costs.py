"""Costs by kind of operation, from whole networks."""

import pytest

from zen_lightning.latency.kind_costs import KindCosts, fit_kind_costs
from zen_lightning.latency.operations import Operation, OutsideProfileError, network_operations
from zen_lightning.latency.samples import sample_networks

NETWORKS = [network_operations(a.blocks, 224, 1000) for a in sample_networks(40, (3e7, 1e9), "kinds")]


def true_seconds(operation: Operation) -> float:
    """Return a cost that depends on the kind: only dense and depthwise convolutions, and feature maps, take time."""
    heavy = {"conv": 2e-11, "stem": 2e-11, "depthwise": 3e-10}.get(operation.kind, 0.0)
    return 1e-6 + heavy * operation.macs + 1e-10 * operation.elements


@pytest.fixture(scope="module")
def costs() -> KindCosts:
    return fit_kind_costs(NETWORKS, [sum(map(true_seconds, network)) for network in NETWORKS], "phone")


def test_networks_of_the_kind_are_met(costs: KindCosts) -> None:
    for architecture in sample_networks(10, (5e7, 8e8), "others"):
        operations = network_operations(architecture.blocks, 224, 1000)
        assert sum(map(costs.seconds, operations)) == pytest.approx(sum(map(true_seconds, operations)), rel=0.03)


def test_no_cost_is_negative_and_a_file_keeps_them(costs: KindCosts) -> None:
    assert all(cost >= 0 for row in costs.costs.values() for cost in row.costs)
    assert {"pointwise", "conv", "depthwise", "stem", "relu", "add", "head"} == costs.costs.keys()
    again = KindCosts.from_dict(costs.as_dict(), "phone")
    assert again.costs == costs.costs


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (Operation("se", 1, 1, 64, 64, 14), "phone does not reach the se of 64 channels at 14 px: it holds no operation of"),
        (Operation("depthwise", 7, 1, 60_000, 60_000, 112), "does not reach the 7x7 depthwise .*: it holds those of up to"),
    ],
)
def test_what_was_not_measured_is_refused(costs: KindCosts, operation: Operation, message: str) -> None:
    with pytest.raises(OutsideProfileError, match=message):
        costs.seconds(operation)
