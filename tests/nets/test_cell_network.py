"""Networks of cells hold and compute what the cell says."""

from collections.abc import Callable
from random import Random

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from zen_lightning.arch import Architecture, BaseArchitecture, CellArchitecture
from zen_lightning.arch.cell import CellEdge
from zen_lightning.arch.cell_parser import CHOICES, EDGES
from zen_lightning.errors import UserError
from zen_lightning.nets import CellNetwork, StagedNetwork, build_network
from zen_lightning.nets.cell_network import CellModule, ReductionModule
from zen_lightning.nets.module_counts import count_multiply_adds, count_parameters

KNOWN = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
MIXED = "|avg_pool_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
EMPTY = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
SHARED = "|skip_connect~0|+|nor_conv_3x3~0|skip_connect~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|"


def drawn(count: int, seed: int) -> list[CellArchitecture]:
    rng = Random(seed)
    return [CellArchitecture(tuple(rng.choice(CHOICES) for _ in EDGES)) for _ in range(count)]


def images(size: int = 16, batch: int = 2) -> Tensor:
    return torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(size))


def network_of(text: str, seed: int = 0, num_classes: int = 10) -> StagedNetwork:
    """Return a network whose batch norms, too, have weights and statistics of their own."""
    network = build_network(CellArchitecture.parse(text), num_classes)
    generator = torch.Generator().manual_seed(seed)
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.rand(value.shape, generator=generator) * 0.5 + 0.1 if value.dim() == 1 else value)
            value.copy_(torch.randn(value.shape, generator=generator) * 0.2 if value.dim() > 1 else value)
    return network.eval()


def paths(operations: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Return the ways from the cell's input to its output, each as the indices of its edges; ``none`` is no way."""
    found: list[tuple[int, ...]] = []

    def walk(node: int, way: tuple[int, ...]) -> None:
        if node == 3:
            found.append(way)
        for index, (source, target) in enumerate(EDGES):
            if source == node and operations[index] != "none":
                walk(target, (*way, index))

    walk(0, ())
    return found


@pytest.mark.parametrize("resolution", [32, 33])
def test_counts(resolution: int) -> None:
    for cell in (*drawn(12, seed=resolution), CellArchitecture.parse(KNOWN), CellArchitecture.parse(EMPTY)):
        network = build_network(cell, 10)
        assert count_parameters(network) == cell.num_params(10)
        assert count_multiply_adds(network, resolution) == cell.flops(resolution, 10)


@pytest.mark.parametrize("resolution", [1, 2, 3, 5, 225])
def test_multiply_adds_at_any_resolution(resolution: int) -> None:
    cell = CellArchitecture.parse(MIXED)
    assert count_multiply_adds(build_network(cell, 7), resolution) == cell.flops(resolution, 7)


def test_layers_are_the_convolutions_but_those_of_the_shortcuts() -> None:
    for cell in drawn(5, seed=1):
        convs = [module for module in build_network(cell).modules() if isinstance(module, nn.Conv2d)]
        assert len(convs) == cell.num_layers + 2
        assert all(conv.bias is None for conv in convs)


@pytest.mark.parametrize("text", [KNOWN, MIXED, EMPTY])
def test_shapes(text: str) -> None:
    network = build_network(CellArchitecture.parse(text), num_classes=7)
    assert isinstance(network, CellNetwork)
    assert network(images(32)).shape == (2, 7)
    assert network.features(images(32)).shape == (2, 64, 8, 8)
    assert network.features(images(33)[..., :20]).shape == (2, 64, 9, 5)


def reference(network: nn.Module, operations: tuple[str, ...], batch: Tensor) -> Tensor:
    """Return the logits, from the weights in the order in which the network lists them, as the paper describes it."""
    tensors = iter([value for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")])

    def conv(x: Tensor, stride: int = 1) -> Tensor:
        weight = next(tensors)
        return functional.conv2d(x, weight, None, stride, weight.shape[-1] // 2)

    def norm(x: Tensor) -> Tensor:
        weight, bias, mean, variance = (next(tensors)[:, None, None] for _ in range(4))
        return (x - mean) / (variance + 1e-5).sqrt() * weight + bias

    def pool(x: Tensor) -> Tensor:
        out = torch.zeros_like(x)
        height, width = x.shape[-2:]
        for i in range(height):
            for j in range(width):
                window = x[..., max(0, i - 1) : i + 2, max(0, j - 1) : j + 2]
                out[..., i, j] = window.sum((2, 3)) / (window.shape[-2] * window.shape[-1])
        return out

    def cell(x: Tensor) -> Tensor:
        nodes = [x] + [torch.zeros_like(x) for _ in range(3)]
        for (source, target), operation in zip(EDGES, operations, strict=True):
            if operation.startswith("nor_conv"):
                nodes[target] = nodes[target] + norm(conv(nodes[source].clamp(min=0)))
            elif operation != "none":
                nodes[target] = nodes[target] + (pool(nodes[source]) if operation == "avg_pool_3x3" else nodes[source])
        return nodes[3]

    x = norm(conv(batch))
    for stage in range(3):
        if stage:
            y = norm(conv(x.clamp(min=0), stride=2))
            y = norm(conv(y.clamp(min=0)))
            x = y + conv((x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4)
        for _ in range(5):
            x = cell(x)
    x = norm(x).clamp(min=0).mean((2, 3))
    logits = x @ next(tensors).T + next(tensors)
    assert next(tensors, None) is None
    return logits


@pytest.mark.parametrize("text", [KNOWN, MIXED, EMPTY, *(str(cell) for cell in drawn(12, seed=2))])
def test_the_network_is_that_of_the_paper(text: str) -> None:
    network, batch = network_of(text).double(), images(8).double()
    with torch.no_grad():
        expected = reference(network, CellArchitecture.parse(text).operations, batch)
        torch.testing.assert_close(network(batch), expected, rtol=1e-9, atol=0)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_average_pooling_does_not_count_the_padding(size: int) -> None:
    cell = CellModule((CellEdge(0, 3, "avg_pool_3x3", None),))
    ones = torch.ones(1, 4, size, size)
    torch.testing.assert_close(cell(ones), ones)


@pytest.mark.parametrize(("size", "expected"), [(1, [1.0]), (3, [1.5, 3.0]), (4, [1.5, 3.5])])
def test_the_shortcut_of_a_reduction_averages_what_is_there(size: int, expected: list[float]) -> None:
    part = CellArchitecture.parse(EMPTY).expand()[2]
    module = ReductionModule(part).eval()  # type: ignore[arg-type]
    columns = torch.arange(1.0, size + 1).expand(1, 16, size, size)
    torch.testing.assert_close(module.pool(columns)[0, 0, 0], torch.tensor(expected))
    assert module(columns).shape == (1, 32, (size + 1) // 2, (size + 1) // 2)


@pytest.mark.parametrize(
    "text",
    [
        EMPTY,
        "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|none~1|none~2|",
        "|none~0|+|none~0|nor_conv_3x3~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    ],
    ids=["nothing", "no way to the output", "no way from the input"],
)
def test_a_cut_cell_passes_nothing_on_and_gradients_are_zero(text: str) -> None:
    network = build_network(CellArchitecture.parse(text)).eval()
    batch = images().requires_grad_()
    logits = network(batch)
    torch.testing.assert_close(logits, network(images(batch=2).flip(0)))
    logits.sum().backward()
    assert batch.grad is not None
    assert not batch.grad.any()
    stem = next(network.parameters())
    assert stem.grad is not None
    assert not stem.grad.any()


@pytest.mark.parametrize("text", [KNOWN, MIXED, *(str(cell) for cell in drawn(10, seed=3))])
def test_gradients_reach_the_weights_on_every_way_through_the_cell(text: str) -> None:
    network = build_network(CellArchitecture.parse(text)).train()
    network(images()).square().sum().backward()
    ways = paths(CellArchitecture.parse(text).operations)
    used = {f"{EDGES[index][0]}to{EDGES[index][1]}" for way in ways for index in way}
    cells = [module for module in network.modules() if isinstance(module, CellModule)]
    for name, parameter in (pair for cell in cells for pair in cell.named_parameters()):
        reached = parameter.grad is not None and bool(parameter.grad.any())
        edge = name.split(".")[1]
        assert reached or edge not in used, name
        # The shift of a batch norm reaches the output from a node that nothing reaches.
        assert not reached or edge in used or name.endswith("norm.bias"), name
    if ways:
        others = [parameter for name, parameter in network.named_parameters() if ".operations." not in name]
        assert all(parameter.grad is not None and parameter.grad.any() for parameter in others)


@pytest.mark.parametrize("text", [KNOWN, SHARED])
def test_no_node_is_overwritten_by_a_later_one(text: str) -> None:
    network = network_of(text)
    seen: list[tuple[Tensor, Tensor]] = []

    def keep(_module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        seen.extend((tensor, tensor.clone()) for tensor in (*arguments, output))

    for module in network.modules():
        if isinstance(module, CellModule):
            for operation in module.operations.values():
                operation.register_forward_hook(keep)
    batch = images()
    with torch.no_grad():
        network(batch)
    assert len(seen) > 100
    assert all(torch.equal(tensor, copy) for tensor, copy in seen)
    assert torch.equal(batch, images())


def test_block_features_are_what_leaves_stem_cells_and_reductions() -> None:
    network = network_of(MIXED)
    with torch.no_grad():
        features = network.block_features(images(32))
        shapes = [(16, 32, 32)] * 6 + [(32, 16, 16)] * 6 + [(64, 8, 8)] * 6
        assert [tuple(feature.shape[1:]) for feature in features] == shapes
        torch.testing.assert_close(network.last(features[-1]), network.features(images(32)))
        x = images(32)
        for feature, unit in zip(features, network.units(), strict=True):
            torch.testing.assert_close(feature, unit(x))
            x = feature
    assert [type(unit) for unit in network.units()][6::6] == [ReductionModule] * 2
    assert sum(isinstance(unit, CellModule) for unit in network.units()) == 15


def test_block_features_of_super_blocks_are_those_of_their_units() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,4,2,2)SuperResK3K3(4,6,2,4,2)SuperResIDWE1K3(6,8,1,8,1)")
    network = build_network(arch).eval()
    with torch.no_grad():
        features = network.block_features(images())
        kept = [feature.clone() for feature in features]
        assert [feature.shape[1:3] for feature in features] == [(4, 8), (4, 8), (6, 4), (6, 4), (8, 4), (8, 4)]
        torch.testing.assert_close(features[-1], network.features(images()))
    assert all(torch.equal(feature, copy) for feature, copy in zip(features, kept, strict=True))
    twin = build_network(arch, vanilla=True).eval()
    assert len(twin.block_features(images())) == 2 + 2 * 2 + 2 * 3


@pytest.mark.parametrize(("first_ratio", "shapes"), [(1, [(16, 32), (32, 16), (64, 8)]), (2, [(32, 16), (64, 8)]), (16, [])])
def test_stage_features_begin_at_the_first_part_of_each_size(first_ratio: int, shapes: list[tuple[int, int]]) -> None:
    network = network_of(KNOWN)
    with torch.no_grad():
        features, logits = network.stage_features(images(32), first_ratio)
        assert [tuple(feature.shape[1:3]) for feature in features] == shapes
        assert torch.equal(logits, network(images(32)))


@pytest.mark.parametrize("text", [KNOWN, "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)"], ids=["cell", "super-blocks"])
@pytest.mark.parametrize("vanilla", [False, True])
def test_no_random_number_is_drawn_without_initialisation(text: str, vanilla: bool) -> None:
    parse: Callable[[str], BaseArchitecture] = CellArchitecture.parse if text.startswith("|") else Architecture.parse
    before = torch.get_rng_state()
    build_network(parse(text), vanilla=vanilla, initialise=False)
    assert torch.equal(torch.get_rng_state(), before)
    build_network(parse(text), vanilla=vanilla)
    assert not torch.equal(torch.get_rng_state(), before)


def test_the_twin_of_a_cell_is_itself() -> None:
    cell = CellArchitecture.parse(MIXED)
    twin, network = build_network(cell, 10, vanilla=True), build_network(cell, 10)
    assert type(twin) is type(network)
    assert repr(twin) == repr(network)
    twin.load_state_dict(network.state_dict())
    with torch.no_grad():
        assert torch.equal(twin.eval()(images()), network.eval()(images()))


def test_there_is_no_network_of_anything_else() -> None:
    with pytest.raises(UserError, match="architecture=5: expected a BaseArchitecture or text"):
        build_network(5)  # type: ignore[arg-type]
