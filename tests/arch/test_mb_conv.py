"""How MBConv blocks expand, and that published networks of them have their published counts."""

import pytest

from zen_lightning.arch import Architecture, Conv, Residual, families, make_block
from zen_lightning.arch.mb_conv import EXPANSIONS, KERNEL_SIZES

PUBLISHED = {
    # torchvision's mobilenet_v2, mnasnet1_0 and efficientnet_b0, and their counts at 224 px.
    "MobileNetV2": (
        "SuperConvK3BNRELU(3,32,2,1)MBConvE1K3(32,16,1,1)MBConvE6K3(16,24,2,2)MBConvE6K3(24,32,2,3)MBConvE6K3(32,64,2,4)"
        "MBConvE6K3(64,96,1,3)MBConvE6K3(96,160,2,3)MBConvE6K3(160,320,1,1)SuperConvK1BNRELU(320,1280,1,1)",
        3_504_872,
        300_774_272,
    ),
    "MnasNet-B1": (
        "SuperConvK3BNRELU(3,32,2,1)MBConvE1K3(32,16,1,1)MBConvE3K3(16,24,2,3)MBConvE3K5(24,40,2,3)MBConvE6K5(40,80,2,3)"
        "MBConvE6K3(80,96,1,2)MBConvE6K5(96,192,2,4)MBConvE6K3(192,320,1,1)SuperConvK1BNRELU(320,1280,1,1)",
        4_383_312,
        314_415_872,
    ),
    "EfficientNet-B0": (
        "SuperConvK3BNRELU(3,32,2,1)MBConvE1K3SE(32,16,1,1)MBConvE6K3SE(16,24,2,2)MBConvE6K5SE(24,40,2,2)"
        "MBConvE6K3SE(40,80,2,3)MBConvE6K5SE(80,112,1,3)MBConvE6K5SE(112,192,2,4)MBConvE6K3SE(192,320,1,1)"
        "SuperConvK1BNRELU(320,1280,1,1)",
        5_288_548,
        385_814_752,
    ),
}


def test_a_layer_that_changes_width_or_stride_has_no_shortcut() -> None:
    body = (Conv(16, 96, 1), Conv(96, 96, 5, 2, groups=96), Conv(96, 24, 1, relu=False))
    assert make_block("MBConvE6K5", 16, 24, 2, 1).units == (Residual(body, relu=False, shortcut=False),)
    for out, stride, shortcut in ((16, 2, False), (24, 1, False), (16, 1, True)):
        (unit,) = make_block("MBConvE6K5", 16, out, stride, 1).units
        assert isinstance(unit, Residual)
        assert (unit.shortcut, unit.projection) == (shortcut, None)


def test_a_layer_with_shortcut_adds_the_identity_and_no_relu() -> None:
    body = (Conv(24, 72, 1), Conv(72, 72, 3, groups=72, gate_channels=6), Conv(72, 24, 1, relu=False))
    (unit,) = make_block("MBConvE3K3SE", 24, 24, 1, 1).units
    assert unit == Residual(body, relu=False)
    assert unit.backbone == body
    first, second = make_block("MBConvE3K3SE", 24, 24, 1, 2).units
    assert first == second == unit


def test_later_layers_take_what_the_first_gives() -> None:
    units = make_block("MBConvE6K3SE", 16, 24, 2, 3).units
    assert [isinstance(unit, Residual) and unit.shortcut for unit in units] == [False, True, True]
    # The gate is a quarter of what arrives at the layer: 16, then 24.
    assert [conv.gate_channels for unit in units for conv in unit.backbone if conv.gate_channels] == [4, 6, 6]


def test_an_expansion_of_1_has_no_first_convolution_whatever_the_width() -> None:
    (unit,) = make_block("MBConvE1K3", 20, 16, 1, 1).units
    assert unit.backbone == (Conv(20, 20, 3, groups=20), Conv(20, 16, 1, relu=False))


def test_the_expanded_width_is_a_multiple_of_8() -> None:
    assert make_block("MBConvE3K3", 20, 16, 1, 1).units[0].backbone[0].out_channels == 64
    assert make_block("MBConvE2K3", 1, 16, 1, 1).units[0].backbone[0].out_channels == 8


@pytest.mark.parametrize("expansion", EXPANSIONS)
@pytest.mark.parametrize("kernel_size", KERNEL_SIZES)
@pytest.mark.parametrize("suffix", ["", "SE"])
def test_every_name_is_read_and_written(expansion: int, kernel_size: int, suffix: str) -> None:
    text = f"MBConvE{expansion}K{kernel_size}{suffix}(3,16,2,2)"
    arch = Architecture.parse(text)
    assert str(arch) == text
    assert arch.num_layers == 2
    assert families[f"MBConvE{expansion}K{kernel_size}{suffix}"].expansion == expansion  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_counts(name: str) -> None:
    text, params, flops = PUBLISHED[name]
    arch = Architecture.parse(text)
    assert (arch.num_params(), arch.flops(224)) == (params, flops)


def test_the_gate_belongs_to_the_block_whether_or_not_the_network_has_se() -> None:
    arch = Architecture.parse("MBConvE6K3SE(3,16,2,2)")
    assert arch.num_params() == arch.num_params(use_se=True)
    assert arch.flops(32) == arch.flops(32, use_se=True)
    plain = Architecture.parse("MBConvE6K3(3,16,2,2)")
    # (expanded, gate) of the two layers: r8(18) = 16 with max(1, round(3 / 4)) = 1, and 96 with 4.
    assert arch.num_params() - plain.num_params() == (2 * 16 * 1 + 1 + 16) + (2 * 96 * 4 + 4 + 96)
    assert arch.flops(32) - plain.flops(32) == 2 * 16 * 1 + 2 * 96 * 4
