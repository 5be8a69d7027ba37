"""Networks of MBConv and pre-activation blocks: what is built is what is counted, and computes what published code computes."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from zen_lightning.arch import Architecture, BaseArchitecture, parse_architecture
from zen_lightning.nets import build_network
from zen_lightning.nets.module_counts import count_multiply_adds, count_parameters
from zen_lightning.nets.modules import Gate, ResidualUnit

MOBILENET_V2 = (
    "SuperConvK3BNRELU(3,32,2,1)MBConvE1K3(32,16,1,1)MBConvE6K3(16,24,2,2)MBConvE6K3(24,32,2,3)MBConvE6K3(32,64,2,4)"
    "MBConvE6K3(64,96,1,3)MBConvE6K3(96,160,2,3)MBConvE6K3(160,320,1,1)SuperConvK1BNRELU(320,1280,1,1)"
)
MNASNET_B1 = (
    "SuperConvK3BNRELU(3,32,2,1)MBConvE1K3(32,16,1,1)MBConvE3K3(16,24,2,3)MBConvE3K5(24,40,2,3)MBConvE6K5(40,80,2,3)"
    "MBConvE6K3(80,96,1,2)MBConvE6K5(96,192,2,4)MBConvE6K3(192,320,1,1)SuperConvK1BNRELU(320,1280,1,1)"
)
TEXTS = {
    "mobile": "SuperConvK3BNRELU(3,8,2,1)MBConvE1K5SE(8,8,1,2)MBConvE3K3SE(8,16,2,2)MBConvE6K7(16,20,1,2)ConvK1BN(20,24,1,1)",
    "pre": "SuperConvK3BNRELU(3,8,2,1)ConvK3BN(8,12,2,2)PreResK3K3(12,12,1,2)PreResK5K5(12,24,2,2)",
    "accel": "e6k3l1s1-e4k5l2s0-e1k3l3s1-e1k5l1s0-e1k5l1s0-e1k3l2s0-e1k3l2s1",
    "macro": "00122010",
    "transnas": "3334",
}


def architecture(name: str) -> BaseArchitecture:
    return parse_architecture(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("use_se", [False, True])
def test_as_built_is_as_counted(name: str, use_se: bool) -> None:
    arch = architecture(name)
    network = build_network(arch, 7, use_se)
    assert count_parameters(network) == arch.num_params(7, use_se)
    assert count_multiply_adds(network, 33) == arch.flops(33, 7, use_se)
    assert network(torch.zeros(2, 3, 33, 33)).shape == (2, 7)


@pytest.mark.parametrize("name", TEXTS)
def test_the_twin_keeps_the_rectifiers_of_the_body_and_has_no_gate(name: str) -> None:
    arch = architecture(name)
    assert isinstance(arch, Architecture)
    twin = build_network(arch, 7, vanilla=True)
    convs = [conv for block in arch.blocks for unit in block.units for conv in unit.backbone]
    assert sum(isinstance(module, nn.Conv2d) for module in twin.modules()) == len(convs)
    relus = sum(conv.relu + conv.relu_first for conv in convs)
    assert sum(isinstance(module, nn.ReLU) for module in twin.modules()) == relus < len(convs)
    assert not any(isinstance(module, Gate | ResidualUnit) for module in twin.modules())


@pytest.mark.parametrize(("name", "text"), [("mobilenet_v2", MOBILENET_V2), ("mnasnet1_0", MNASNET_B1)])
@torch.no_grad()
def test_it_computes_what_torchvision_computes(name: str, text: str) -> None:
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    theirs = getattr(models, name)(num_classes=10).eval()
    ours = build_network(Architecture.parse(text), 10).eval()
    for module in ours.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 1e-5
    values = list(theirs.state_dict().values())
    assert [value.shape for value in values] == [value.shape for value in ours.state_dict().values()]
    ours.load_state_dict(dict(zip(ours.state_dict(), values, strict=True)))
    images = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(ours(images), theirs(images), rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_the_gate_is_a_squeeze_and_excitation_with_biases() -> None:
    gate, x = Gate(8, 2), torch.randn(3, 8, 5, 5)
    squeezed = functional.relu(functional.linear(x.mean((2, 3)), gate.squeeze.weight[:, :, 0, 0], gate.squeeze.bias))
    scale = functional.hardsigmoid(functional.linear(squeezed, gate.excite.weight[:, :, 0, 0], gate.excite.bias))
    torch.testing.assert_close(gate(x), x * scale[:, :, None, None])


@pytest.mark.parametrize("text", ["PreResK3K3(3,3,1,1)", "PreResK3K3(3,6,2,1)"])
@torch.no_grad()
def test_pre_activation_leaves_the_shortcut_as_it_was(text: str) -> None:
    network = build_network(Architecture.parse(text), 5).eval()
    (unit,) = network.units()
    assert isinstance(unit, ResidualUnit)
    x = torch.randn(2, 3, 9, 9)
    before = x.clone()
    out = unit(x)
    assert torch.equal(x, before)
    first, second = unit.body
    body = second.norm(second.conv(functional.relu(first.norm(first.conv(functional.relu(x))))))
    shortcut = unit.shortcut.norm(unit.shortcut.conv(x)) if "6" in text else x
    torch.testing.assert_close(out, body + shortcut)
    assert out.min() < 0
