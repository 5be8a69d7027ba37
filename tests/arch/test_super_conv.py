"""How plain convolutions expand."""

from zen_lightning.arch import Conv, make_block


def test_one_convolution_a_sub_layer() -> None:
    units = make_block("SuperConvK5BNRELU", 3, 8, 2, 3).units
    assert units == (Conv(3, 8, 5, 2), Conv(8, 8, 5), Conv(8, 8, 5))


def test_no_bias_no_se_and_a_relu_after_each() -> None:
    for unit in make_block("SuperConvK1BNRELU", 16, 8, 1, 2).units:
        assert isinstance(unit, Conv)
        assert (unit.bias, unit.squeeze_excite, unit.relu, unit.groups) == (False, False, True, 1)
