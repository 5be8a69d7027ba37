"""Folded networks compute what they did."""

import copy

import pytest
import torch
from torch import Tensor, nn

from zen_lightning import zoo
from zen_lightning.arch import Architecture, CellArchitecture
from zen_lightning.nets import build_network
from zen_lightning.nets.folding import fold_batch_norms, unfolded_norms

TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResK1K3K1(8,12,2,8,2)SuperResIDWE2K3(12,12,1,8,1)SuperConvK1BNRELU(12,16,1,1)"
CELL = "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
MOBILE = "SuperConvK3BNRELU(3,8,2,1)MBConvE3K3SE(8,8,1,1)MBConvE1K5(8,12,2,1)PreResK3K3(12,16,2,2)"
NETWORKS = {
    "mobile": lambda: build_network(Architecture.parse(MOBILE), num_classes=5),
    "plain": lambda: build_network(Architecture.parse(TEXT), num_classes=5),
    "se": lambda: build_network(Architecture.parse(TEXT), num_classes=5, use_se=True),
    "vanilla": lambda: build_network(Architecture.parse(TEXT), num_classes=5, vanilla=True),
    "cell": lambda: build_network(CellArchitecture.parse(CELL), num_classes=5),
}


def trained(network: nn.Module) -> nn.Module:
    """Give batch norms what a training would: no two channels alike; and convolutions weights that let signals through."""
    generator = torch.Generator().manual_seed(3)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            for values in (module.weight, module.running_var):
                values.data.uniform_(0.5, 2, generator=generator)
            for values in (module.bias, module.running_mean):
                values.data.normal_(generator=generator)
    return network


def images(dtype: torch.dtype = torch.float32, resolution: int = 21) -> Tensor:
    return torch.randn(3, 3, resolution, resolution, generator=torch.Generator().manual_seed(1)).to(dtype)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-4)])
@torch.no_grad()
def test_the_logits_stay(name: str, dtype: torch.dtype, tolerance: float) -> None:
    torch.manual_seed(0)
    network = trained(NETWORKS[name]()).to(dtype).eval()
    folded, expected = fold_batch_norms(network), network(images(dtype))
    assert (folded(images(dtype)) - expected).abs().max() <= tolerance * expected.abs().max()
    assert expected.std(dim=0).min() > 1e-3, "the images must make a difference"
    assert unfolded_norms(folded) == (["last.0"] if name == "cell" else [])
    assert len(unfolded_norms(network)) > 5


FIRST, *OTHERS = zoo.names()


@pytest.mark.parametrize("name", [FIRST, *(pytest.param(name, marks=pytest.mark.long) for name in OTHERS)])
def test_every_norm_of_the_zoo_is_folded(name: str) -> None:
    with torch.device("meta"):
        network = zoo.create(name)
        assert unfolded_norms(fold_batch_norms(network)) == []


def test_the_network_itself_is_not_changed() -> None:
    network = trained(NETWORKS["se"]()).train()
    before = copy.deepcopy(network.state_dict())
    folded = fold_batch_norms(network)
    assert network.training
    assert not folded.training
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert network.state_dict().keys() == before.keys()
    assert {value.data_ptr() for value in network.parameters()}.isdisjoint(value.data_ptr() for value in folded.parameters())


@torch.no_grad()
def test_half_precision_is_rounded_once() -> None:
    network = trained(NETWORKS["plain"]()).eval()
    half = fold_batch_norms(copy.deepcopy(network).half())
    stem = fold_batch_norms(network).blocks[0][0].conv
    assert half.blocks[0][0].conv.weight.dtype == torch.float16
    torch.testing.assert_close(half.blocks[0][0].conv.weight.float(), stem.weight, rtol=2e-3, atol=1e-4)


def test_twice_is_once() -> None:
    once = fold_batch_norms(trained(NETWORKS["plain"]()))
    twice = fold_batch_norms(once)
    assert all(torch.equal(value, twice.state_dict()[key]) for key, value in once.state_dict().items())


class Activated(nn.BatchNorm2d):
    """What timm has: a norm that is more than a norm."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).relu()


def shared_conv() -> nn.Module:
    conv = nn.Conv2d(3, 3, 3)
    return nn.Sequential(nn.Sequential(conv, nn.BatchNorm2d(3)), nn.Sequential(conv, nn.BatchNorm2d(3)))


FOREIGN = {
    "shared convolution": (shared_conv, ["0.1", "1.1"]),
    "no statistics": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False)), ["1"]),
    "norm that activates": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), Activated(4)), ["1"]),
    "weight norm": (lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.BatchNorm2d(4)), ["1"]),
    "norm before its convolution": (lambda: nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3)), ["0"]),
    "relu between": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4)), ["2"]),
    "without weights of its own": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, affine=False)), []),
}


@pytest.mark.parametrize("name", FOREIGN)
@torch.no_grad()
def test_modules_of_others_are_folded_where_that_is_safe(name: str) -> None:
    make, left = FOREIGN[name]
    torch.manual_seed(0)
    network = make()
    for _ in range(3):
        network(images())
    folded = fold_batch_norms(network)
    assert unfolded_norms(folded) == left
    torch.testing.assert_close(folded(images()), network.eval()(images()), rtol=1e-4, atol=1e-5)
