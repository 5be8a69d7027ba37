"""The residual blocks of GENet: widths, shortcuts and counts worked out by hand."""

import pickle

import pytest

from zen_lightning.arch import Architecture, Residual
from zen_lightning.proxy.zen_score import zen_score
from zen_lightning.report.block_facts import block_facts

STEM = "ConvKX(3,16,3,2)BN(16)RELU(16)"


@pytest.mark.parametrize(
    ("block", "params"),
    [
        ("SuperResKXKX(16,48,3,2,1.0,1)", 9 * 16 * 48 + 96 + 9 * 48 * 48 + 96 + 16 * 48 + 96),
        ("SuperResK1KX(16,48,3,2,0.5,1)", 16 * 24 + 48 + 9 * 24 * 48 + 96 + 16 * 48 + 96),
        ("SuperResK1KXK1(16,48,5,2,0.25,1)", 16 * 12 + 24 + 25 * 12 * 12 + 24 + 12 * 48 + 96 + 16 * 48 + 96),
        ("SuperResK1DWK1(16,48,3,2,3,1)", 16 * 144 + 288 + 9 * 144 + 288 + 144 * 48 + 96 + 16 * 48 + 96),
        ("SuperResK1DW(16,48,3,2,1.0,1)", 16 * 48 + 96 + 9 * 48 + 96 + 16 * 48 + 96),
        ("SuperResKXKX(16,16,3,1,1.0,2)", 2 * (9 * 16 * 16 + 32 + 9 * 16 * 16 + 32)),
    ],
)
def test_params(block: str, params: int) -> None:
    arch = Architecture.parse(STEM + block)
    stem = 27 * 16 + 32
    assert arch.num_params(1) == stem + params + arch.out_channels + 1
    assert str(pickle.loads(pickle.dumps(arch.blocks[1]))) == block


def test_the_shortcut_has_no_bias_and_a_relu_follows() -> None:
    units = Architecture.parse(STEM + "SuperResK1KXK1(16,48,3,2,0.25,3)").blocks[1].units
    assert len(units) == 3
    for number, unit in enumerate(units):
        assert isinstance(unit, Residual)
        assert unit.relu
        assert (unit.projection is not None) == (number == 0)
        assert unit.projection is None or (unit.projection.stride, unit.projection.bias) == (2, False)
        assert [conv.stride for conv in unit.body] == [1, 2 if number == 0 else 1, 1]


def test_a_network_of_them_has_a_closed_form_near_monte_carlo() -> None:
    arch = Architecture.parse(
        f"{STEM}SuperResKXKX(16,48,3,2,1.0,1)SuperResK1KXK1(48,96,3,2,0.25,2)ConvKX(96,192,1,1)BN(192)RELU(192)AdaptiveAvgPool(192,1)"
    )
    assert arch.foreign_part is None
    assert arch.num_layers == 5
    drawn = zen_score(arch, resolution=64, estimator="monte_carlo", repeats=4, batch_size=16)
    assert zen_score(arch, resolution=64) == pytest.approx(drawn, rel=0.02)
    assert [facts.kind for facts in block_facts(arch, 64, 10)] == ["conv", "residual", "bottleneck", "conv", "classifier"]
