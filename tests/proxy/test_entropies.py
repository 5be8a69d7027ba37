"""The entropies of TinyNAS and DeepMAD, by hand from their papers."""

import math

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.deepmad import DeepMad, effectiveness
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.proxy.entropy_stages import cumulative_stages

ln = math.log
TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,16,2,8,1)SuperConvK1BNRELU(16,24,1,1)"
# Two units of three convolutions: 8 -> 16 -> 16 -> 8 and 8 -> 32 -> 32 -> 16; stages at 16 and 8 px for images of 32 px.
WIDTHS = [3 * 9, 8, 25, 16, 8, 25, 32, 16]
STAGES = (2, len(WIDTHS))
"""Convolutions up to the end of each stage: the first expansion still is at 16 px."""


def test_deepmad_by_hand() -> None:
    arch = Architecture.parse(TEXT)
    first = ln(16 * 16 * 16) * sum(map(ln, WIDTHS[:2]))
    last = ln(8 * 8 * 24) * sum(map(ln, WIDTHS))
    assert DeepMad(32, rho=None).score(arch).value == pytest.approx(1 * first + 8 * last)
    assert DeepMad(32, (3, 5), rho=None).score(arch).value == pytest.approx(3 * first + 5 * last)


def test_entropy_by_hand() -> None:
    arch = Architecture.parse(TEXT)
    relu = 0.5 - 0.5 / math.pi
    steps = [0.5 * ln(WIDTHS[0])] + [0.5 * ln(relu * width) for width in WIDTHS[1:]]
    first, last = sum(steps[:2]) + ln(16), sum(steps) + ln(24)
    assert MultiScaleEntropy(32).score(arch).value == pytest.approx(first + 8 * last)
    assert MultiScaleEntropy(32, (0, 0, 1, 1, 6)).score(arch).value == pytest.approx(first + 6 * last)


def test_linear_bottlenecks_have_no_relu() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)MBConvE2K3(8,8,1,2)")
    relu = 0.5 - 0.5 / math.pi
    variances = [27, 8 * relu, 9 * relu, 16 * relu, 8, 9 * relu, 16 * relu]
    expected = sum(0.5 * ln(variance) for variance in variances) + ln(8)
    assert MultiScaleEntropy(8, (1,)).score(arch).value == pytest.approx(expected)


def test_rho_is_depth_over_the_geometric_mean_width() -> None:
    arch = Architecture.parse(TEXT)
    mean = math.prod(WIDTHS) ** (1 / len(WIDTHS))
    assert effectiveness(cumulative_stages(arch, 32, "deepmad")[-1]) == pytest.approx(len(WIDTHS) / mean)
    rho = len(WIDTHS) / mean
    assert math.isfinite(DeepMad(32, rho=rho + 0.001).score(arch).value)
    with pytest.raises(CannotScoreError, match=r"bounds depth over mean width \(rho\) by 0.4, .*raise rho"):
        DeepMad(32, rho=0.4).score(arch)


def test_stages_follow_the_resolution() -> None:
    ends = [stage.convolutions for stage in cumulative_stages(Architecture.parse(TEXT), 32, "entropy")]
    assert tuple(ends) == STAGES


@pytest.mark.parametrize("kind", [DeepMad, MultiScaleEntropy])
@pytest.mark.parametrize("wrong", [(), (1, -1), (0, 0), (math.inf,), (math.nan, 1)])
def test_weights_of_stages_are_checked(kind: type[DeepMad] | type[MultiScaleEntropy], wrong: tuple[float, ...]) -> None:
    with pytest.raises(UserError, match=r"^stage_weights=\[.*\]: expected a weight of 0 or more"):
        kind(stage_weights=wrong)


@pytest.mark.parametrize("rho", [0.0, -1.0, math.inf, math.nan])
def test_rho_is_checked(rho: float) -> None:
    with pytest.raises(UserError, match=r"^rho=.*: expected a number above 0, or None"):
        DeepMad(rho=rho)
