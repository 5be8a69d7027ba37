"""Counts of single primitives."""

import pytest

from zen_lightning.arch import Conv
from zen_lightning.arch.primitives import output_size, squeezed_channels


def test_params_of_a_convolution() -> None:
    assert Conv(6, 10, 3).num_params() == 6 * 10 * 9 + 2 * 10
    assert Conv(6, 10, 3, bias=True).num_params() == 6 * 10 * 9 + 2 * 10 + 10
    assert Conv(6, 6, 5, groups=6).num_params() == 6 * 25 + 2 * 6


def test_se_counts_only_where_it_has_a_place_and_is_asked_for() -> None:
    conv = Conv(6, 10, 3, squeeze_excite=True)
    assert conv.num_params(use_se=True) - conv.num_params() == 10 * 2 + 2 * 2 + 2 * 10 + 2 * 10
    assert conv.flops(7, use_se=True) - conv.flops(7) == 10 * 2 + 2 * 10
    assert Conv(6, 10, 3).num_params(use_se=True) == Conv(6, 10, 3).num_params()
    assert Conv(6, 10, 3).flops(7, use_se=True) == Conv(6, 10, 3).flops(7)


def test_flops_of_a_convolution() -> None:
    assert Conv(6, 10, 3, 2).flops(7) == 4 * 4 * 6 * 10 * 9
    assert Conv(6, 6, 3, groups=6).flops(7) == 7 * 7 * 6 * 9


@pytest.mark.parametrize(("channels", "squeezed"), [(1, 1), (2, 1), (6, 2), (10, 2), (14, 4), (64, 16)])
def test_squeezed_channels(channels: int, squeezed: int) -> None:
    assert squeezed_channels(channels) == squeezed


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("size", [1, 2, 7, 32, 225])
def test_padding_keeps_the_size_at_stride_1(kernel_size: int, size: int) -> None:
    assert output_size(size, kernel_size, 1) == size
    assert output_size(size, kernel_size, 2) == (size + 1) // 2
