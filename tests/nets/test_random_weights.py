"""How the weights of a scored network are drawn."""

import pytest
import torch
from torch import nn

from zen_lightning.arch import Architecture, BaseArchitecture, CellArchitecture
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.random_weights import draw_seed, draw_weights, scoring_copy, scoring_network

CELL = CellArchitecture.parse("|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")
BLOCKS = Architecture.parse("SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,64,1,32,1)SuperResIDWE4K7(64,48,2,40,1)")

each_language = pytest.mark.parametrize("architecture", [CELL, BLOCKS], ids=["cell", "super-blocks"])


def drawn(architecture: BaseArchitecture, how: str, seed: int = 0) -> nn.Module:
    network = scoring_network(architecture, num_classes=100, vanilla=False)
    for parameter in network.parameters():
        nn.init.constant_(parameter, float("nan"))
    draw_weights(network, how, torch.Generator().manual_seed(seed))
    return network


def weighted(network: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


@each_language
@pytest.mark.parametrize(("how", "scale"), [("normal", None), ("kaiming", 2.0), ("default", 1 / 3)])
def test_weights_have_the_variance_they_should(architecture: BaseArchitecture, how: str, scale: float | None) -> None:
    values = []
    for layer in weighted(drawn(architecture, how)):
        fan_in = layer.weight[0].numel()
        values.append(layer.weight.detach().flatten() * (1 if scale is None else (fan_in / scale) ** 0.5))
    pooled = torch.cat(values)
    assert abs(pooled.mean()) < 4.5 / len(pooled) ** 0.5
    assert abs(pooled.var() - 1) < 4.5 * (2 / len(pooled)) ** 0.5
    kurtosis = pooled.pow(4).mean()
    assert abs(kurtosis - (1.8 if how == "default" else 3)) < 0.15


@each_language
@pytest.mark.parametrize("how", ["normal", "kaiming", "default"])
def test_biases_and_norms(architecture: BaseArchitecture, how: str) -> None:
    network = drawn(architecture, how)
    for layer in weighted(network):
        if layer.bias is not None and how == "default":
            bound = layer.weight[0].numel() ** -0.5
            assert 0 < layer.bias.abs().max() <= bound
        elif layer.bias is not None:
            assert not layer.bias.any()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms
    for norm in norms:
        assert norm.weight.eq(1).all()
        assert not norm.bias.any()
        assert norm.training


def test_default_weights_are_distributed_as_pytorch_draws_them() -> None:
    torch.manual_seed(0)
    theirs = [layer.weight.detach() for layer in weighted(build_network(BLOCKS, 100))]
    ours = [layer.weight.detach() for layer in weighted(drawn(BLOCKS, "default"))]
    for mine, reference in zip(ours, theirs, strict=True):
        if mine.numel() > 500:
            assert mine.std().item() == pytest.approx(reference.std().item(), rel=0.1)
            assert mine.abs().max().item() == pytest.approx(reference.abs().max().item(), rel=0.03)


@each_language
@pytest.mark.parametrize("how", ["normal", "kaiming", "default"])
def test_all_numbers_come_from_the_generator(architecture: BaseArchitecture, how: str) -> None:
    before = torch.get_rng_state()
    first, again, other = drawn(architecture, how), drawn(architecture, how), drawn(architecture, how, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))
    assert not torch.equal(weighted(first)[0].weight, weighted(other)[0].weight)


@each_language
def test_a_network_without_initialisation_is_complete_once_drawn(architecture: BaseArchitecture) -> None:
    network = drawn(architecture, "kaiming")
    assert isinstance(network, StagedNetwork)
    assert network.architecture == architecture
    images = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    assert network(images).isfinite().all()


def test_repeats_have_seeds_of_their_own() -> None:
    seeds = {draw_seed(seed, repeat) for seed in (-1, 0, 1, 2**62, 12345) for repeat in range(50)}
    assert len(seeds) == 250
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_copy_lies_as_gradients_are_right() -> None:
    module = nn.Conv2d(4, 16, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    copied = scoring_copy(module).weight
    assert isinstance(copied, torch.Tensor)
    assert copied.is_contiguous()
    assert not module.weight.is_contiguous()
