"""Networks as sums of operations."""

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.arch.primitives import Conv
from zen_lightning.errors import UserError
from zen_lightning.latency.operations import ADD, HEAD, SE, conv_operations, network_operations
from zen_lightning.latency.predictor import operation_of
from zen_lightning.latency.samples import preset_start


@pytest.mark.parametrize("space", ["resnet", "mobilenet"])
def test_the_multiply_adds_of_convolutions_and_head_are_those_of_the_network(space: str) -> None:
    network = preset_start(space)
    operations = network_operations(network.blocks, 224, 1000)
    weighted = [operation for operation in operations if operation.weights]
    pooled = network.out_channels * 7**2
    assert sum(operation.macs for operation in weighted) - pooled == network.flops(224)
    assert operations[-1].kind == HEAD


def test_what_follows_a_convolution_depends_on_the_settings() -> None:
    conv = Conv(8, 16, 3, 2, squeeze_excite=True)
    assert [operation.kind for operation in conv_operations(conv, 28)] == ["conv", "relu"]
    unfolded = conv_operations(conv, 28, fold=False, use_se=True)
    assert [(operation.kind, operation.resolution) for operation in unfolded] == [
        ("conv", 28),
        ("norm", 14),
        ("relu", 14),
        ("se", 14),
    ]


def test_se_is_counted_where_networks_have_it() -> None:
    blocks = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,16,2,8,2)").blocks
    kinds = [operation.kind for operation in network_operations(blocks, 32, 10, use_se=True)]
    assert kinds.count(SE) == kinds.count(ADD) == 4
    assert SE not in [operation.kind for operation in network_operations(blocks, 32, 10)]


def test_a_family_gives_its_operation_back() -> None:
    for operation in network_operations(preset_start("mobilenet").blocks, 224, 1000, fold=False, use_se=True):
        shape = operation.in_channels, operation.out_channels, operation.resolution
        assert operation_of(operation.family, *shape) == operation


def test_groups_that_are_not_depthwise_are_refused() -> None:
    with pytest.raises(UserError, match="not predicted for convolutions in 4 groups"):
        conv_operations(Conv(8, 8, 3, groups=4), 16)


def test_the_relu_after_a_shortcut_is_part_of_the_addition() -> None:
    blocks = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,2)").blocks
    kinds = [operation.kind for operation in network_operations(blocks, 32, 10)]
    unit = ["conv", "relu", "conv"]
    assert kinds == ["stem", "relu", *unit, "conv", "add", *unit, "add", "head"]


def test_linear_outputs_gates_and_pre_activation() -> None:
    blocks = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)MBConvE2K3SE(8,12,1,2)PreResK3K3(12,12,1,1)").blocks
    operations = network_operations(blocks, 32, 10)
    layer = ["conv", "relu", "depthwise", "relu", "se", "conv"]
    assert [operation.kind for operation in operations] == [
        *("stem", "relu"),
        *layer,
        *layer,
        "add",
        *("relu", "conv", "relu", "conv", "add", "head"),
    ]
    assert {operation.resolution for operation in operations[1:]} == {16}
