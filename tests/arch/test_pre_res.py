"""How ``PreResK{k}K{k}`` and ``ConvK{k}BN`` expand."""

import pytest

from zen_lightning.arch import Architecture, Conv, Residual, make_block


def test_a_unit_that_keeps_its_shape_has_the_identity() -> None:
    body = (Conv(64, 64, 5, relu=False, relu_first=True),) * 2
    assert make_block("PreResK5K5", 64, 64, 1, 2).units == (Residual(body, relu=False),) * 2


@pytest.mark.parametrize(("out", "stride"), [(128, 1), (64, 2), (128, 2)])
def test_the_first_unit_projects_where_the_shape_changes_without_bias(out: int, stride: int) -> None:
    first, second = make_block("PreResK3K3", 64, out, stride, 2).units
    body = (Conv(64, out, 3, stride, relu=False, relu_first=True), Conv(out, out, 3, relu=False, relu_first=True))
    assert first == Residual(body, Conv(64, out, 1, stride, relu=False), relu=False)
    assert first.backbone == body
    assert isinstance(second, Residual)
    assert second.projection is None


def test_linear_convolutions() -> None:
    assert make_block("ConvK3BN", 8, 16, 2, 2).units == (Conv(8, 16, 3, 2, relu=False), Conv(16, 16, 3, relu=False))


@pytest.mark.parametrize("text", ["ConvK1BN(3,8,2,1)", "ConvK7BN(3,8,1,2)PreResK3K3(8,16,2,2)PreResK7K7(16,16,1,1)"])
def test_text(text: str) -> None:
    assert str(Architecture.parse(text)) == text


def test_the_twin_of_a_unit_with_relu_ends_in_one() -> None:
    (unit,) = make_block("SuperResK3K3", 8, 16, 1, 8, 1).units
    assert isinstance(unit, Residual)
    assert [conv.relu for conv in unit.body] == [True, False]
    assert [conv.relu for conv in unit.backbone] == [True, True]
    assert unit.backbone[-1].cache is not unit.body[-1].cache
