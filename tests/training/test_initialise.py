"""The weights that training begins with."""

import pytest
import torch
from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.nets.modules import ConvUnit, ResidualUnit, SqueezeExcite
from zen_lightning.training.initialise import initialise

ARCH = Architecture.parse(
    "SuperConvK3BNRELU(3,64,1,1)SuperResIDWE4K5(64,96,2,64,1)SuperResK3K3(96,128,2,64,1)SuperConvK1BNRELU(128,512,1,1)"
)


@pytest.fixture(scope="module")
def network() -> nn.Module:
    built = build_network(ARCH, num_classes=200, use_se=True)
    initialise(built, seed=3)
    return built


def test_deviations_are_glorots_with_the_gain(network: nn.Module) -> None:
    seen = set()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            area = module.kernel_size[0] * module.kernel_size[1]
            fans = area * (
                module.in_channels // module.groups + module.out_channels
            )  # PyTorch's: depthwise have fan-out of all.
            expected = 3.26033 * (2 / fans) ** 0.5
            if module.weight.numel() > 1000:
                assert float(module.weight.detach().std()) == pytest.approx(expected, rel=0.1)
                seen.add(module.groups > 1)
            if module.bias is not None:
                assert not module.bias.any()
        elif isinstance(module, nn.Linear):
            assert float(module.weight.detach().std()) == pytest.approx(3.26033 * (2 / (512 + 200)) ** 0.5, rel=0.02)
            assert not module.bias.any()
    assert seen == {True, False}


def test_only_last_norms_of_residual_units_start_at_zero(network: nn.Module) -> None:
    zero = {id(unit.body[-1].norm) for unit in network.modules() if isinstance(unit, ResidualUnit)}
    assert zero
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        assert bool((norm.weight == (0 if id(norm) in zero else 1)).all())
        assert not norm.bias.any()
    projections = [unit.shortcut for unit in network.modules() if isinstance(unit, ResidualUnit)]
    assert any(isinstance(shortcut, ConvUnit) and shortcut.norm.weight.all() for shortcut in projections)
    assert any(isinstance(module, SqueezeExcite) and module.excite_norm.weight.all() for module in network.modules())


def test_a_residual_unit_starts_as_its_shortcut(network: nn.Module) -> None:
    unit = next(unit for unit in network.modules() if isinstance(unit, ResidualUnit))
    images = torch.randn(2, unit.body[0].conv.in_channels, 8, 8)
    assert torch.allclose(unit(images), unit.shortcut(images).relu(), atol=1e-5)


def test_the_seed_decides() -> None:
    one, two, other = (build_network(ARCH, 10) for _ in range(3))
    initialise(one, 0)
    initialise(two, 0)
    initialise(other, 1)
    assert torch.equal(one.classifier.linear.weight, two.classifier.linear.weight)
    assert not torch.equal(one.classifier.linear.weight, other.classifier.linear.weight)


def test_a_unit_without_shortcut_starts_with_something() -> None:
    network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)MBConvE3K3(8,16,2,2)"), 10)
    initialise(network, seed=0)
    first, second = (unit for unit in network.modules() if isinstance(unit, ResidualUnit))
    assert (first.shortcut is None, second.shortcut is None) == (True, False)
    assert bool(first.body[-1].norm.weight.all())
    assert not second.body[-1].norm.weight.any()
