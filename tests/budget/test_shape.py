"""Shapes: what they measure, and what they refuse."""

import math

import pytest

from zen_lightning.arch import Architecture, parse_architecture
from zen_lightning.budget import Budget, Effectiveness, LargestShare, LayersEachStage, LayersLimit, RisingWidths, Shape
from zen_lightning.budget.stages import effectiveness, stages
from zen_lightning.errors import UserError

STEM, HEAD = "SuperConvK3BNRELU(3,16,2,1)", "SuperConvK1BNRELU(32,64,1,1)"
NETWORK = Architecture.parse(f"{STEM}SuperResK3K3(16,24,2,8,2)SuperResK3K3(24,16,1,8,1)SuperResK3K3(16,32,2,8,4){HEAD}")


def test_stages_leave_out_the_stem_and_the_last_convolution() -> None:
    found = stages(NETWORK, 32)
    summary = NETWORK.summary(32)
    assert [(stage.resolution, stage.layers) for stage in found] == [(8, 3), (4, 4)]
    assert found[0].flops == summary[1].flops + summary[2].flops
    assert found[1].flops == summary[3].flops


def test_a_last_block_that_is_deep_belongs_to_its_stage() -> None:
    assert [stage.layers for stage in stages(Architecture.parse(f"{STEM}SuperResK3K3(16,24,2,8,2)"), 32)] == [2]
    assert [stage.layers for stage in stages(Architecture.parse(f"{STEM}SuperResK3K3(16,24,2,8,1)"), 32)] == [1]


@pytest.mark.parametrize(
    ("shape", "excess", "found", "wanted"),
    [
        (RisingWidths(), 1, "fall 1 time", "rising"),
        (LayersEachStage(3, 4, 32), 0, "3, 4", "3 to 4"),
        (LayersEachStage(1, 2, 32), 3, "3, 4", "1 to 2"),
        (LayersEachStage(4, None, 32), 1, "3, 4", "4 or more"),
        (Effectiveness(10), 0, f"{effectiveness(NETWORK):.3f}", "at most 10"),
    ],
)
def test_what_is_found(shape: Shape, excess: float, found: str, wanted: str) -> None:
    assert shape.excess(NETWORK) == excess
    assert (shape.found(NETWORK), shape.wanted()) == (found, wanted)


def test_the_share_is_of_the_flops_of_the_stages() -> None:
    first, second = (stage.flops for stage in stages(NETWORK, 32))
    share = max(first, second) / (first + second)
    assert LargestShare(share, 32).excess(NETWORK) == 0
    assert LargestShare(share / 2, 32).excess(NETWORK) == pytest.approx(share / 2)


def test_effectiveness_is_depth_over_the_geometric_mean_of_the_widths() -> None:
    first, second = [16 * 9, 8 * 9, 24 * 9, 8 * 9, 24 * 9, 8 * 9], [16 * 9, 8 * 9, *[32 * 9, 8 * 9] * 3]
    widths = [3 * 9, *first, *second, 32]
    mean = math.exp(sum(map(math.log, widths)) / len(widths))
    assert effectiveness(NETWORK) == pytest.approx(len(widths) / mean)
    assert Effectiveness(0.1).excess(NETWORK) == pytest.approx(len(widths) / mean - 0.1)


def test_a_budget_counts_a_missing_shape_as_its_reason() -> None:
    budget = Budget([LayersLimit(100)], [RisingWidths()])
    violated = budget.violated(NETWORK)
    assert violated is not None
    assert violated.name == "widths"
    assert Budget([LayersLimit(100)], [LayersEachStage(1, None, 32)]).violated(NETWORK) is None
    with pytest.raises(UserError, match=r"the start does not have the shape asked for: widths fall 1 time, wanted rising"):
        budget.check(NETWORK, "the start")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LayersEachStage(0, 3, 32), r"layers_each_stage=\[0,3\]: expected \[least,most\]"),
        (lambda: LayersEachStage(4, 3, 32), "least <= most"),
        (lambda: LargestShare(1.2, 32), "largest_share=1.2: expected a share above 0, at most 1"),
        (lambda: Effectiveness(math.nan), "effectiveness=nan: expected a number above 0"),
        (lambda: RisingWidths().excess(CELL), "widths is about rows of super-blocks"),
    ],
)
def test_what_cannot_be_a_shape_is_said(make: object, said: str) -> None:
    with pytest.raises(UserError, match=said):
        make()  # type: ignore[operator]


CELL = parse_architecture("|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")
