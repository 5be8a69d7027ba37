"""Times of operations between those that were measured."""

import numpy as np
import pytest

from fake_device import operation_seconds
from zen_lightning.latency.operations import Operation
from zen_lightning.latency.regression import FamilyRegression, Fitted, nonnegative_fit


def convs(widths: tuple[int, ...], resolutions: tuple[int, ...]) -> list[Operation]:
    return [Operation("conv", 3, 1, a, b, r) for a in widths for b in widths for r in resolutions]


MEASURED = convs((8, 16, 24, 64, 136, 256, 512), (7, 14, 28, 56))
BETWEEN = convs((32, 40, 96, 200, 384), (10, 20, 40))


def test_a_smooth_device_is_met_between_the_points() -> None:
    regression = FamilyRegression(MEASURED, list(map(operation_seconds, MEASURED)))
    for operation in BETWEEN:
        assert regression.seconds(operation) == pytest.approx(operation_seconds(operation), rel=0.08)


def test_noise_of_the_measurements_is_not_believed() -> None:
    rng = np.random.default_rng(0)
    noisy = [operation_seconds(operation) * float(np.exp(0.1 * rng.standard_normal())) for operation in MEASURED]
    regression = FamilyRegression(MEASURED, noisy)
    errors = [regression.seconds(operation) / operation_seconds(operation) - 1 for operation in BETWEEN]
    assert float(np.sqrt(np.mean(np.square(errors)))) < 0.07
    assert regression.fitted.shape.noise == 0.1


def test_it_is_less_certain_far_from_the_points() -> None:
    regression = FamilyRegression(MEASURED, list(map(operation_seconds, MEASURED)))
    near, far = Operation("conv", 3, 1, 64, 64, 28), Operation("conv", 3, 1, 4096, 4096, 224)
    assert regression.deviation(near) < regression.deviation(far)


def test_what_was_fitted_predicts_the_same_again() -> None:
    seconds = list(map(operation_seconds, MEASURED))
    first = FamilyRegression(MEASURED, seconds)
    again = FamilyRegression(MEASURED, seconds, Fitted.from_dict(first.fitted.as_dict()))
    for operation in BETWEEN[:5]:
        assert again.seconds(operation) == pytest.approx(first.seconds(operation), rel=1e-5)
        assert again.deviation(operation) == pytest.approx(first.deviation(operation))


def test_the_fit_has_no_negative_numbers() -> None:
    matrix = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    assert nonnegative_fit(matrix, np.array([3.0, 2.0, 1.0])).tolist() == pytest.approx([2.0, 0.0])
    assert nonnegative_fit(matrix, np.array([1.0, 2.0, 3.0])).tolist() == pytest.approx([0.0, 1.0])
