"""The vanilla twin: no shortcuts, no projections, no squeeze-and-excitation."""

import pytest
import torch
from torch import nn

from golden import GoldenArchitecture, architectures
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.nets.modules import ResidualUnit, SqueezeExcite


def convolutions(network: nn.Module) -> list[nn.Conv2d]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d)]


@pytest.mark.parametrize("golden", architectures(), ids=lambda golden: golden.name)
def test_it_is_the_network_less_what_has_a_bias(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    with torch.device("meta"):
        twin, full = build_network(arch, 10, vanilla=True), build_network(arch, 10)
    kept = [conv.weight.shape for conv in convolutions(full) if conv.bias is None]
    assert [conv.weight.shape for conv in convolutions(twin)] == kept
    assert len(kept) < len(convolutions(full))
    assert not any(isinstance(module, ResidualUnit | SqueezeExcite | nn.Sigmoid) for module in twin.modules())
    for kind in (nn.BatchNorm2d, nn.ReLU):
        assert sum(isinstance(module, kind) for module in twin.modules()) == len(kept)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("SuperConvK3BNRELU(3,8,1,3)", 3),
        ("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,1,8,2)", 1 + 2 * 2),
        ("SuperConvK3BNRELU(3,8,1,1)SuperResK1K5K1(8,16,2,8,2)", 1 + 2 * 6),
        ("SuperConvK3BNRELU(3,8,1,1)SuperResIDWE6K7(8,16,2,8,3)", 1 + 3 * 6),
    ],
)
def test_number_of_convolutions(text: str, count: int) -> None:
    assert len(convolutions(build_network(Architecture.parse(text), 10, vanilla=True))) == count


def test_it_is_a_chain() -> None:
    twin = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK1K3K1(8,8,1,8,1)"), 10, vanilla=True).eval()
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    x = images
    norms = iter([module for module in twin.modules() if isinstance(module, nn.BatchNorm2d)])
    for conv in convolutions(twin):
        x = next(norms)(conv(x)).relu()
    torch.testing.assert_close(twin.features(images), x)


def test_it_has_no_se() -> None:
    with pytest.raises(ValueError, match="the vanilla twin has no squeeze-and-excitation"):
        build_network(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"), use_se=True, vanilla=True)
