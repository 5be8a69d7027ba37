"""Convolutions, activations and gates: by hand, and against the networks as built."""

import pytest

from zen_lightning.arch import Architecture, CellArchitecture, parse_architecture
from zen_lightning.arch.base import BaseArchitecture
from zen_lightning.arch.conv_counts import ConvCounts, conv_counts
from zen_lightning.nets import build_network
from zen_lightning.nets.module_counts import count_layers

CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_3x3~2|"


@pytest.mark.parametrize(
    ("text", "resolution", "expected"),
    [
        ("SuperConvK3BNRELU(3,8,1,2)", 10, ConvCounts(2, 2 * 8 * 100, 0)),
        # A stem, and a unit with a projection, whose widths change: 7 x 7 after an odd 13.
        ("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,4,1)", 13, ConvCounts(4, 8 * 169 + (4 + 16 + 16) * 49, 0)),
        # Gates in all three layers; the first has no expansion convolution, none has a projection.
        ("MBConvE1K3SE(3,8,1,1)MBConvE4K5SE(8,8,1,2)", 6, ConvCounts(8, 36 * (3 + 8 + 2 * (32 + 32 + 8)), 3)),
        ("MBConvE6K3(3,8,1,1)MBConvE6K3SE(8,8,1,1)", 4, ConvCounts(6, 16 * (2 * 16 + 8 + 2 * 48 + 8), 1)),
    ],
)
def test_by_hand(text: str, resolution: int, expected: ConvCounts) -> None:
    assert conv_counts(Architecture.parse(text), resolution) == expected


def test_a_cell_by_hand() -> None:
    # Three convolutions a cell, fifteen cells; stem, and two reductions of two convolutions and a shortcut.
    found = conv_counts(CellArchitecture.parse(CELL), 32)
    cells = 15 * (16 * 32**2 + 32 * 16**2 + 64 * 8**2)
    reductions = 3 * (32 * 16**2 + 64 * 8**2)
    assert found == ConvCounts(1 + 45 + 6, 16 * 32**2 + cells + reductions, 0)


@pytest.mark.parametrize(
    "text",
    [
        CELL,
        "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,16,2,8,2)SuperResK1K3K1(16,24,2,8,2)SuperConvK1BNRELU(24,32,1,1)",
        "ConvK3BN(3,8,1,1)PreResK3K3(8,16,2,2)MBConvE6K3(16,16,2,2)",
        "01201202",
        "41312",
    ],
)
def test_as_built(text: str) -> None:
    architecture: BaseArchitecture = parse_architecture(text)
    found, built = conv_counts(architecture, 32), count_layers(build_network(architecture, num_classes=10), 32)
    assert (found.convolutions, found.activations) == (built.convolutions, built.activations)


def test_every_stage_of_a_code_with_gates() -> None:
    text = "e6k3l2s1-e1k3l1s0-e4k5l3s1-e1k3l1s0-e1k3l1s0-e1k3l4s1-e1k3l1s0"
    assert conv_counts(parse_architecture(text), 224).gates == 2 + 3 + 4


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="resolution=0"):
        conv_counts(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"), 0)
