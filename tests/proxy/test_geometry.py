"""The kernel of relu, and what zero padding takes away."""

import math
from itertools import pairwise

import pytest

from zen_lightning.arch import Conv, make_block
from zen_lightning.proxy.axis_profile import flat_profile
from zen_lightning.proxy.geometry import Reads, correlation_gap, unit_geometry


def integral(delta: float, steps: int = 2_000) -> float:
    """Return 1/2 - K(1 - delta) by Simpson's rule over t = s^2 of K'(1 - t) = (pi - arccos(1 - t))/(2 pi)."""
    width = math.sqrt(delta) / steps

    def at(s: float) -> float:
        return (math.pi - 2 * math.asin(s / math.sqrt(2))) / math.pi * s

    inner = sum((4 if i % 2 else 2) * at(i * width) for i in range(1, steps))
    return width / 3 * (at(0) + inner + at(steps * width))


@pytest.mark.parametrize("delta", [1e-12, 1e-8, 1e-5, 5e-4, 0.000_999_999, 0.001_000_001, 1e-2, 0.1, 0.5, 1.0, 1.5])
def test_correlation_gap(delta: float) -> None:
    assert correlation_gap(delta) == pytest.approx(integral(delta), rel=1e-6)


def test_correlation_gap_of_opposite_inputs() -> None:
    assert correlation_gap(2.0) == pytest.approx(0.5)


def test_series_and_exact_form_meet() -> None:
    below, above = math.nextafter(1e-3, 0), 1e-3
    assert correlation_gap(below) == pytest.approx(correlation_gap(above), rel=1e-6)


def test_correlation_gap_is_monotone_and_below_half_of_delta() -> None:
    deltas = [10 ** (-10 + i / 100) for i in range(1_031)]
    gaps = [correlation_gap(delta) for delta in deltas]
    assert all(a < b for a, b in pairwise(gaps))
    assert all(0 < gap < delta / 2 for gap, delta in zip(gaps, deltas, strict=True))


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize(("resolution", "stride"), [(32, 1), (33, 2), (8, 3), (2, 1), (1, 1)])
def test_taps_inside_the_image(kernel_size: int, resolution: int, stride: int) -> None:
    half = (kernel_size - 1) // 2
    positions = range(0, resolution, stride)
    shares = [sum(0 <= p + tap - half < resolution for p in positions) / len(positions) for tap in range(kernel_size)]
    geometry = unit_geometry(Conv(3, 8, kernel_size, stride), resolution, Reads.IMAGE)
    ((power, square, rectified),) = geometry.sums
    assert not rectified
    assert power == pytest.approx(sum(shares) ** 2)
    assert square == pytest.approx(sum(share**2 for share in shares) ** 2)
    assert geometry.resolution == len(positions)


def test_without_padding_nothing_is_lost() -> None:
    geometry = unit_geometry(Conv(3, 8, 1), 32, Reads.IMAGE)
    assert geometry.sums == ((1.0, 1.0, False),)
    assert geometry.amplitude == 1.0


@pytest.mark.parametrize("centred", [True, False])
def test_the_border_is_quieter_and_the_mean_stays_1(centred: bool) -> None:
    moments = flat_profile(16).after(5, 1, centred).profile.moments
    assert len(moments) == 16
    assert sum(moments) / 16 == pytest.approx(1)
    assert moments == pytest.approx(moments[::-1])
    assert moments[0] < moments[1] < moments[2]
    assert moments[2:14] == pytest.approx([moments[2]] * 12)


def test_the_first_layer_keeps_the_correlation_of_two_images() -> None:
    assert unit_geometry(Conv(3, 8, 3), 32, Reads.IMAGE).grow(1e-4) == 1e-4


def test_a_later_layer_makes_two_images_less_alike() -> None:
    delta = 1e-4
    expected = correlation_gap(delta) / (0.5 - 0.5 / math.pi)
    grown = unit_geometry(Conv(8, 8, 1), 10_000, Reads.RELU).grow(delta)
    assert grown == pytest.approx(expected, rel=1e-3)
    assert grown > delta


def test_a_linear_map_keeps_the_correlation_wherever_it_stands() -> None:
    conv = Conv(8, 8, 3)
    assert unit_geometry(conv, 32, Reads.LINEAR).grow(1e-4) == 1e-4
    assert unit_geometry(Conv(8, 8, 3, relu_first=True), 32, Reads.LINEAR).grow(1e-4) > 1e-4


def test_what_a_convolution_of_a_unit_reads_follows_from_the_one_before_it() -> None:
    (first,) = make_block("MBConvE6K3", 16, 16, 1, 1).units
    (last,) = make_block("PreResK3K3", 16, 16, 1, 1).units
    assert [sums.rectified for sums in unit_geometry(first, 32, Reads.LINEAR).sums] == [False, True, True]
    assert [sums.rectified for sums in unit_geometry(first, 32, Reads.RELU).sums] == [True, True, True]
    assert [sums.rectified for sums in unit_geometry(last, 32, Reads.LINEAR).sums] == [True, True]
