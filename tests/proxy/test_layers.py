"""Layers of a network as the calibrated score sees them."""

import math

import pytest

from zen_lightning.arch import Architecture, Conv, SuperBlock, make_block
from zen_lightning.proxy.layers import RECTIFIED, Layer, layers_of, taps_inside, width_gain


def gain(*reads: float) -> float:
    """Return the sum of 1/2 ln(0.81 + 0.19 v)."""
    return sum(0.5 * math.log(0.81 + 0.19 * v) for v in reads)


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 56])
def test_taps_inside_are_counted(kernel_size: int, size: int) -> None:
    half = kernel_size // 2
    inside = sum(0 <= place + tap < size for place in range(size) for tap in range(-half, half + 1))
    assert taps_inside(kernel_size, size) == pytest.approx(inside / size)


def test_what_a_relu_leaves() -> None:
    assert width_gain(10, rectified=True) == pytest.approx(gain(10 * RECTIFIED))
    assert pytest.approx(0.5 - 1 / (2 * math.pi)) == RECTIFIED


def test_a_convolution_is_a_layer() -> None:
    first, second = layers_of(make_block("SuperConvK3BNRELU", 3, 8, 2, 2), 8, False)
    assert first == Layer(pytest.approx(gain(3 * 2.75)), False, False, 4, True)
    assert second == Layer(pytest.approx(gain(8 * 2.5 * RECTIFIED)), False, False, 4, True)


def test_an_inverted_bottleneck_without_shortcut_is_one_layer() -> None:
    first, second = layers_of(make_block("MBConvE6K3SE", 16, 24, 2, 2), 8, True)
    expected = gain(16 * RECTIFIED, 2.75**2 * RECTIFIED, 96 * RECTIFIED)
    assert first == Layer(pytest.approx(expected), False, True, 4, False)
    assert second == Layer(pytest.approx(gain(24, 2.5**2 * RECTIFIED, 144 * RECTIFIED)), True, True, 4, False)
    (alone,) = layers_of(make_block("MBConvE1K3", 32, 16, 1, 1), 8, True)
    assert alone == Layer(pytest.approx(gain(2.75**2 * RECTIFIED, 32 * RECTIFIED)), False, False, 8, False)


def test_a_projection_is_no_identity() -> None:
    first, second = layers_of(make_block("SuperResK3K3", 16, 16, 1, 8, 2), 4, True)
    assert (first.has_identity, second.has_identity) == (False, True)
    assert first.gain == second.gain == pytest.approx(gain(16 * 2.5 * RECTIFIED, 8 * 2.5 * RECTIFIED))


def test_pre_activation_reads_a_relu() -> None:
    (unit,) = layers_of(make_block("PreResK3K3", 16, 16, 1, 1), 4, False)
    assert unit == Layer(pytest.approx(gain(16 * 2.5 * RECTIFIED, 16 * 2.5 * RECTIFIED)), True, False, 4, False)


class Separable(SuperBlock):
    """Somebody's block: rows of convolutions, of which the depthwise ones belong to their neighbours."""

    name = "Separable"

    def expand(self) -> tuple[Conv, ...]:
        """Return a convolution, an inverted bottleneck in a row, and another convolution."""
        return Conv(8, 8, 3), Conv(8, 16, 1), Conv(16, 16, 5, groups=16), Conv(16, 8, 1, relu=False), Conv(8, 8, 1)


def test_a_depthwise_convolution_belongs_to_its_neighbours() -> None:
    found = layers_of(Separable((8, 8, 1, 1)), 5, True)
    middle = gain(8 * RECTIFIED, taps_inside(5, 5) ** 2 * RECTIFIED, 16 * RECTIFIED)
    assert [layer.gain for layer in found] == pytest.approx([gain(8 * 2.6 * RECTIFIED), middle, gain(8)])
    assert not any(layer.has_identity for layer in found)


def test_layers_do_not_depend_on_what_was_asked_before() -> None:
    block = make_block("SuperResIDWE2K5", 8, 16, 2, 8, 3)
    once = layers_of(block, 9, True)
    assert layers_of(block, 9, False) != once != layers_of(block, 30, True)
    assert layers_of(block, 9, True) == once
    fresh = Architecture.parse("SuperResIDWE2K5(8,16,2,8,3)", in_channels=8).blocks[0]
    assert layers_of(fresh, 9, True) == once
