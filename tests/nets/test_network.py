"""Networks hold and compute what the architecture counts."""

import pytest
import torch
from torch import Tensor, nn

from golden import GoldenArchitecture, architectures
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network

GOLDEN = [pytest.param(golden, id=golden.name) for golden in architectures()]


def multiply_adds(network: nn.Module, resolution: int) -> int:
    """Return those of convolutions and linear layers in one forward pass of one image."""
    total = 0

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        assert isinstance(module.weight, Tensor)
        positions = output[0, 0].numel() if output.dim() == 4 else 1
        total += positions * module.weight.numel()

    handles = [module.register_forward_hook(count) for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, resolution, resolution))
    for handle in handles:
        handle.remove()
    return total


@pytest.mark.parametrize("use_se", [False, True], ids=["plain", "se"])
@pytest.mark.parametrize("golden", GOLDEN)
def test_counts(golden: GoldenArchitecture, use_se: bool) -> None:
    arch = Architecture.parse(golden.structure)
    network = build_network(arch, golden.num_classes, use_se)
    trainable = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    assert trainable == arch.num_params(golden.num_classes, use_se)
    assert multiply_adds(network, 33) == arch.flops(33, golden.num_classes, use_se)


@pytest.mark.parametrize("resolution", [1, 2, 24, 31])
def test_multiply_adds_at_any_resolution(resolution: int) -> None:
    arch = Architecture.parse("SuperConvK5BNRELU(3,6,2,1)SuperResK3K3(6,10,3,4,2)SuperResIDWE4K7(10,12,2,9,1)")
    assert multiply_adds(build_network(arch, 5, use_se=True), resolution) == arch.flops(resolution, 5, use_se=True)


def test_all_norms_have_the_documented_epsilon() -> None:
    arch = Architecture.parse("SuperConvK5BNRELU(3,6,2,1)SuperResK3K3(6,10,3,4,2)")
    norms = [module for module in build_network(arch, use_se=True).modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == 1 + 2 * 2 + 1 + 2 * 2
    assert {norm.eps for norm in norms} == {1e-3}


def test_projections_have_a_bias_and_nothing_else_has() -> None:
    arch = Architecture.parse("SuperResK1K3K1(3,8,2,4,1)SuperResIDWE1K3(8,8,1,8,1)")
    convs = [module for module in build_network(arch, use_se=True).modules() if isinstance(module, nn.Conv2d)]
    biased = [(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride) for conv in convs if conv.bias is not None]
    assert biased == [(3, 8, (1, 1), (2, 2)), (8, 8, (1, 1), (1, 1))]


def test_shapes_and_gradients() -> None:
    network = build_network(
        Architecture.parse("SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)", in_channels=1), num_classes=4
    )
    images = torch.randn(3, 1, 9, 13, generator=torch.Generator().manual_seed(0))
    assert network.features(images).shape == (3, 16, 3, 4)
    logits = network(images)
    assert logits.shape == (3, 4)
    logits.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
