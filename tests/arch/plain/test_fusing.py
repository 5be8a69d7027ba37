"""Rows of primitive blocks as units of super-blocks."""

import pytest

from zen_lightning.arch import Architecture, Conv, Residual
from zen_lightning.arch.plain.fusing import fuse
from zen_lightning.arch.plain.parser import parse_nodes
from zen_lightning.arch.primitives import Part


def units(text: str) -> list[object]:
    return [unit for group in fuse(parse_nodes(text)) for unit in group.units]


def test_convolution_norm_and_relu_are_one_unit() -> None:
    assert units("ConvKX(3,8,5,2)BN(8)RELU(8)ConvKXG2(8,8,3,1)BN(8)ConvDW(8,7,1)BN(8)RELU(8)") == [
        Conv(3, 8, 5, 2),
        Conv(8, 8, 3, groups=2, relu=False),
        Conv(8, 8, 7, groups=8),
    ]


def test_a_relu_before_a_convolution_belongs_to_it() -> None:
    assert units("ConvKX(3,8,3,1)BN(8)ConvKXBN(8,8,1,1)RELU(8)ConvKX(8,4,3,1)BN(4)")[1:] == [
        Conv(8, 8, 1, relu=False),
        Conv(8, 4, 3, relu=False, relu_first=True),
    ]


def test_a_shortcut_around_convolutions_is_a_residual_unit_with_the_relu_after_it() -> None:
    body = "ConvKX(8,8,3,1)BN(8)RELU(8)ConvKX(8,8,3,1)BN(8)"
    inner = (Conv(8, 8, 3), Conv(8, 8, 3, relu=False))
    found = units(f"ConvKXBNRELU(3,8,3,1)ResBlock({body})RELU(8)ResBlockProj({body})ResBlock(ConvKX(8,16,3,2)BN(16))")
    assert found[1:] == [
        Residual(inner),
        Residual(inner, Conv(8, 8, 1, bias=True, relu=False), relu=False),
        Residual((Conv(8, 16, 3, 2, relu=False),), Conv(8, 16, 1, 2, bias=True, relu=False), relu=False),
    ]


@pytest.mark.parametrize(
    "more",
    ["MaxPool(8,3,2)", "ConvKX(8,8,3,1)", "Swish(8)", "SE(8)", "ConvKX(8,8,2,1)BN(8)", "ResBlock(ConvKX(8,8,3,1)Swish(8))"],
)
def test_what_is_no_such_row_stays_a_part_of_its_own(more: str) -> None:
    arch = Architecture.parse(f"ConvKXBNRELU(3,8,3,1){more}SuperConvK3BNRELU(8,8,1,1)")
    assert isinstance(arch.foreign_part, Part)
    assert more.startswith(arch.foreign_part.text)
    assert [str(block) for block in arch.blocks][-1] == "SuperConvK3BNRELU(8,8,1,1)"
