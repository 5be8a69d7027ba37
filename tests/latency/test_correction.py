"""From sums of operations to networks."""

import numpy as np
import pytest

from zen_lightning.latency.correction import EXTRAS, GROUPS, Correction, fit_correction, network_terms
from zen_lightning.latency.operations import Operation, network_operations
from zen_lightning.latency.samples import sample_networks

TRUE = np.array([1.1, 0.9, 1.2, 1.5, 1.0, 3e-6, 2e-11, 0.0, 0.0])


def test_a_correction_that_is_there_is_found() -> None:
    terms = []
    for network in sample_networks(24, (1e7, 5e8), "correction"):
        operations = network_operations(network.blocks, 224, 1000)
        terms.append(network_terms(operations, [2e-6 + operation.macs * 1e-11 for operation in operations]))
    matrix = np.array(terms)
    correction = fit_correction(matrix, matrix @ TRUE)
    predicted = matrix @ np.array([*correction.factors, *correction.charges])
    np.testing.assert_allclose(predicted, matrix @ TRUE, rtol=0.01)


def test_no_correction_where_none_is_needed() -> None:
    matrix = np.random.default_rng(0).random((20, len(GROUPS) + len(EXTRAS)))
    correction = fit_correction(matrix, matrix[:, : len(GROUPS)].sum(1))
    assert correction.factors == pytest.approx((1.0,) * len(GROUPS))
    assert correction.charges == pytest.approx((0.0,) * len(EXTRAS), abs=1e-9)


def test_an_operation_adds_its_share_of_the_sum() -> None:
    correction = Correction((2.0, 1.0, 1.0, 1.0, 1.0), (1.0, 0.5, 0.0, 0.0))
    operation = Operation("conv", 3, 1, 8, 8, 4)
    assert correction.seconds(operation, 3.0) == 2 * 3.0 + 1.0 + 0.5 * operation.elements
    terms = network_terms([operation, operation], [3.0, 4.0])
    total = float(terms @ np.array([*correction.factors, *correction.charges]))
    assert total == correction.seconds(operation, 3.0) + correction.seconds(operation, 4.0)
    assert Correction(**correction.as_dict()).seconds(operation, 3.0) == correction.seconds(operation, 3.0)
