"""Costs of the networks of a study, and what is taken out of their accuracies."""

import pytest

from zen_lightning.arch import parse_architecture
from zen_lightning.correlate.covariates import costs_of, without_effect
from zen_lightning.errors import UserError

NETWORKS = [parse_architecture(f"SuperConvK3BNRELU(3,{width},2,1)") for width in (8, 16)]


def test_costs_are_counted_and_columns_are_taken() -> None:
    found = costs_of(["flops", "se", "layers"], NETWORKS, {"se": [1.0, 0.0], "flops": [1.0, 1.0]}, 32, 10)
    assert found["flops"] == [network.flops(32, 10) for network in NETWORKS]
    assert (found["se"], found["layers"]) == ([1.0, 0.0], [1.0, 1.0])


def test_what_only_some_tables_bring_is_counted_where_they_do_not() -> None:
    rows = ["MBConvE6K3SE(3,8,1,2)SuperConvK1BNRELU(8,16,1,1)", "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,4,1)"]
    networks = [parse_architecture(row) for row in rows]
    found = costs_of(["se", "convolutions", "activations"], networks, {"activations": [5.0, 7.0]}, 8, 10)
    assert found == {"se": [2.0, 0.0], "convolutions": [7.0, 4.0], "activations": [5.0, 7.0]}
    # 64 positions of 2 x (16 + 16 + 8), the second layer 2 x 48 wide inside, and 16; then a stem at 4 x 4 and a unit at 2 x 2.
    counted = costs_of(["activations"], networks, {}, 8, 10)["activations"]
    assert counted == [64 * (16 + 16 + 8 + 48 + 48 + 8 + 16), 16 * 8 + 4 * (4 + 16 + 16)]


def test_the_peak_is_not_the_sum() -> None:
    network = parse_architecture("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,4,1)")
    found = costs_of(["activations", "peak_activations"], [network], {}, 8, 10)
    # The image and the stem's map; all maps of the row above.
    assert found == {"activations": [16 * 8 + 4 * (4 + 16 + 16)], "peak_activations": [3 * 64 + 8 * 16]}
    assert costs_of(["peak_activations"], [network], {"peak_activations": [7.0]}, 8, 10) == {"peak_activations": [7.0]}


def test_an_unknown_name_and_a_cell_without_a_number_are_said() -> None:
    with pytest.raises(UserError, match=r"there is no 'flop'.*flops"):
        costs_of(["flop"], NETWORKS, {}, 32, 10)
    with pytest.raises(UserError, match=r"'se' holds no number in 1 of 2 rows"):
        costs_of(["se"], NETWORKS, {"se": [1.0, None]}, 32, 10)


def test_linear_effects_go_and_what_has_none_stays() -> None:
    accuracies = [70.0, 71.0, 73.0, 72.0]
    assert without_effect(accuracies, []) == accuracies
    assert without_effect(accuracies, [[2.0] * 4]) == pytest.approx(accuracies)
    assert without_effect([70.0, 72.0, 74.0, 76.0], [[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0]]) == pytest.approx([73.0] * 4)
