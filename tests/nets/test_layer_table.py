"""Every layer of a network: counts are those of the blocks, receptive fields are those of gradients."""

import pytest
import torch
from torch import Tensor, nn

from zen_lightning import zoo
from zen_lightning.api.sources import read_architecture
from zen_lightning.nets import build_network
from zen_lightning.nets.layer_table import LayerRow, layer_table, layers_of
from zen_lightning.nets.receptive_field import Field

MIXED = (
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,12,1,8,2)SuperResK1K3K1(12,16,2,8,1)MBConvE3K3SE(16,16,1,1)"
    "PreResK3K3(16,24,2,2)SuperConvK1BNRELU(24,32,1,1)"
)
CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
PRIMITIVES = "ConvKX(3,16,3,2)BN(16)RELU(16)MaxPool(16,3,2)ResBlock(ConvKX(16,16,3,1)BN(16))RELU(16)"


@pytest.mark.parametrize(
    ("source", "use_se"),
    [
        (MIXED, False),
        (MIXED, True),
        (CELL, False),
        (PRIMITIVES, False),
        ("torchvision:resnet18", False),
        ("torchvision:mobilenet_v2", False),
        *(pytest.param(name, use_se, marks=pytest.mark.long) for name in zoo.names() for use_se in (False, True)),
    ],
)
def test_the_layers_of_a_part_add_up_to_its_counts(source: str, use_se: bool) -> None:
    architecture = read_architecture(source)
    layers = layers_of(architecture, 48, 7, use_se)
    stages = architecture.summary(48, 7, use_se)
    found = [
        tuple(sum(getattr(layer, key) for layer in layers if layer.part == number) for key in ("params", "flops"))
        for number in range(len(stages))
    ]
    assert found == [(stage.params, stage.flops) for stage in stages]
    assert sum(layer.params for layer in layers) == architecture.num_params(7, use_se)
    assert sum(layer.flops for layer in layers) == architecture.flops(48, 7, use_se)


def test_shapes_are_those_of_a_forward_pass() -> None:
    network = build_network(read_architecture(MIXED), 7).eval()
    layers = {layer.name: layer for layer in layer_table(network, 40)}
    seen: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}

    def note(name: str) -> object:
        return lambda layer, given, output: seen.update({name: (tuple(given[0].shape[1:]), tuple(output.shape[1:]))})

    for name, layer in network.named_modules():
        if name in layers:
            layer.register_forward_hook(note(name))
    network(torch.zeros(1, 3, 40, 40))
    assert seen == {name: (layer.in_shape, layer.out_shape) for name, layer in layers.items()}
    for layer in layers.values():
        assert layer.activation_bytes == 4 * torch.Size(layer.out_shape).numel()
    assert next(iter(network.parameters())).device.type == "cpu", "the network stays where it is"


def positive(network: nn.Module) -> nn.Module:
    """Make each output grow with each pixel that it depends on: no relu cuts off, no maximum chooses."""
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            mean = nn.AvgPool2d(module.kernel_size, module.stride, module.padding)
            network.get_submodule(name.rpartition(".")[0]).__setattr__(name.rpartition(".")[2], mean)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Conv2d | nn.Linear):
            module.weight.data = module.weight.data.abs() / module.weight[0].numel() + 1e-3
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network.double().eval()


def widths_seen(network: nn.Module, resolution: int) -> dict[str, int]:
    """Return how wide the part of the image is that the gradient of a middle element reaches, for each layer."""
    images = torch.rand(1, 3, resolution, resolution, dtype=torch.float64, requires_grad=True)
    maps: dict[str, Tensor] = {}
    for name, layer in network.named_modules():
        if not list(layer.children()):
            layer.register_forward_hook(lambda layer, given, output, name=name: maps.update({name: output.clone()}))
    network(images)
    found = {}
    for name, output in maps.items():
        if output.ndim == 4:
            middle = output[0, :, output.shape[2] // 2, output.shape[3] // 2].sum()
            (gradient,) = torch.autograd.grad(middle, images, retain_graph=True)
            columns = gradient.abs().sum((0, 1, 2)).nonzero().flatten()
            found[name] = int(columns.max() - columns.min()) + 1
    return found


@pytest.mark.parametrize(
    "source",
    [
        "SuperConvK3BNRELU(3,6,2,1)SuperResK3K3(6,8,2,6,2)SuperResIDWE2K5(8,8,1,8,1)",
        "SuperConvK5BNRELU(3,6,1,1)SuperResK1K5K1(6,8,2,6,2)SuperConvK1BNRELU(8,8,1,1)PreResK3K3(8,12,2,1)",
        "SuperConvK3BNRELU(3,6,2,1)MBConvE2K3(6,6,1,2)MBConvE2K5(6,8,2,1)",
        CELL,
        PRIMITIVES,
    ],
)
def test_receptive_fields_are_those_of_gradients(source: str) -> None:
    torch.manual_seed(0)
    network = build_network(read_architecture(source), 4)
    layers = {layer.name: layer for layer in layer_table(network, 128)}
    seen = widths_seen(positive(network), 128)
    inside = [layer for layer in layers.values() if layer.receptive_field is not None and layer.receptive_field < 100]
    checked = [layer for layer in inside if len(layer.out_shape) == 3]
    assert len(checked) > 5
    assert [(layer.name, layer.receptive_field) for layer in checked] == [(layer.name, seen[layer.name]) for layer in checked]


def test_after_global_pooling_all_is_seen() -> None:
    last = layers_of(read_architecture(MIXED), 32, 7)[-1]
    assert (last.kind.lower().endswith("linear"), last.receptive_field, last.out_shape) == (True, None, (7,))


def test_a_gate_leaves_the_field_of_what_it_multiplies() -> None:
    architecture = read_architecture("SuperConvK3BNRELU(3,8,1,1)SuperResIDWE2K3(8,8,1,8,2)")

    def fields(use_se: bool) -> dict[str, int | None]:
        rows: list[LayerRow] = layers_of(architecture, 32, 7, use_se)
        return {row.name: row.receptive_field for row in rows if len(row.out_shape) == 3 and row.out_shape[1] > 1}

    plain, gated = fields(False), fields(True)
    assert plain.items() <= gated.items()


def test_fields_by_hand() -> None:
    stem = Field().window(7, 2, 3).window(3, 2, 1)  # Of a ResNet: 7, then 7 + 2 * 2.
    assert (stem.size, stem.jump, stem.start) == (11, 4, -5)
    assert Field().window(3, 1, 1, dilation=2).size == 5
    shifted = Field(3, 1, -1).union(Field(3, 1, 1))
    assert (shifted.size, shifted.start) == (5, -1)
    rows = layer_table(build_network(read_architecture("torchvision:resnet18"), 5), 64)
    # 11 of the stem; then 4 convolutions at a step of 4, and in each later stage one at the step before and three at its own.
    by_hand = 11 + 4 * 8 + (8 + 3 * 16) + (16 + 3 * 32) + (32 + 3 * 64)
    assert max(row.receptive_field or 0 for row in rows) == by_hand == 435
