"""How the residual families expand: each unit as the documentation of the language writes it."""

import pytest

from zen_lightning.arch import Conv, Residual, make_block
from zen_lightning.arch.super_res import round_to_8


def projection(arrives: int, leaves: int, stride: int) -> Conv:
    return Conv(arrives, leaves, 1, stride, bias=True, relu=False)


def test_basic() -> None:
    first, second, third = make_block("SuperResK5K5", 16, 32, 2, 24, 3).units
    assert first == Residual((Conv(16, 24, 5, 2, squeeze_excite=True), Conv(24, 32, 5, relu=False)), projection(16, 32, 2))
    assert second == Residual((Conv(32, 24, 5, squeeze_excite=True), Conv(24, 32, 5, relu=False)))
    assert third == second


def test_bottleneck() -> None:
    first, second, third, fourth = make_block("SuperResK1K7K1", 16, 32, 2, 8, 2).units
    middle = Conv(8, 8, 7, 2, squeeze_excite=True)
    assert first == Residual((Conv(16, 8, 1), middle, Conv(8, 32, 1, relu=False)), projection(16, 32, 2))
    plain = Residual((Conv(32, 8, 1), Conv(8, 8, 7, squeeze_excite=True), Conv(8, 32, 1, relu=False)))
    assert (second, third, fourth) == (plain, plain, plain)


def test_inverted() -> None:
    first, second, third, fourth = make_block("SuperResIDWE2K3", 16, 36, 2, 10, 2).units
    to_middle, to_out = round_to_8(10 * 2), round_to_8(36 * 2)
    assert (to_middle, to_out) == (16, 72)
    depthwise = Conv(16, 16, 3, 2, groups=16, squeeze_excite=True)
    assert first == Residual((Conv(16, 16, 1), depthwise, Conv(16, 10, 1, relu=False)), projection(16, 10, 2))
    depthwise = Conv(72, 72, 3, groups=72, squeeze_excite=True)
    assert second == Residual((Conv(10, 72, 1), depthwise, Conv(72, 36, 1, relu=False)), projection(10, 36, 1))
    depthwise = Conv(16, 16, 3, groups=16, squeeze_excite=True)
    assert third == Residual((Conv(36, 16, 1), depthwise, Conv(16, 10, 1, relu=False)), projection(36, 10, 1))
    assert fourth == second


@pytest.mark.parametrize("name", ["SuperResK3K3", "SuperResK1K3K1", "SuperResIDWE1K3"])
def test_only_the_first_unit_has_a_projection_where_the_identity_would_fit(name: str) -> None:
    units = make_block(name, 16, 16, 1, 16, 2).units
    assert [unit.projection for unit in units if isinstance(unit, Residual)] == [projection(16, 16, 1)] + [None] * (
        len(units) - 1
    )


@pytest.mark.parametrize(("channels", "rounded"), [(1, 8), (4, 8), (11, 8), (12, 16), (20, 16), (28, 32), (36, 32), (1.9, 8)])
def test_rounding_is_half_to_even_and_at_least_8(channels: float, rounded: int) -> None:
    assert round_to_8(channels) == rounded
