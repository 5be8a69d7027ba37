"""The proxies made of eigenvalues (ntk, jacob_cov, meco), each worked out a second time by another route."""

import math

import pytest
import torch
from torch import Tensor, nn

from drawn import drawn, in_double, layers_of
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.jacob_cov import JacobCov
from zen_lightning.proxy.meco import MeCo
from zen_lightning.proxy.network_proxy import NetworkProxy
from zen_lightning.proxy.ntk import NtkConditionNumber
from zen_lightning.space import search_space

ROW = Architecture.parse("SuperConvK3BNRELU(3,4,1,1)SuperResK3K3(4,6,2,4,1)SuperConvK1BNRELU(6,8,1,1)")
CUT = search_space("nas_bench_201").parse("|nor_conv_1x1~0|+|nor_conv_1x1~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|")
DEAD = search_space("nas_bench_201").parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
SETTINGS = (8, 5, 4)

each_network = pytest.mark.parametrize("architecture", [ROW, CUT], ids=["row", "cut-cell"])


@each_network
@pytest.mark.parametrize("variant", ["paper", "released"])
def test_ntk_with_a_graph_for_each_image(architecture: BaseArchitecture, variant: str) -> None:
    """The condition number of J J' is that of J, squared."""
    proxy = in_double(NtkConditionNumber(*SETTINGS, variant=variant))
    network, draw = drawn(proxy, architecture, seed=3)
    images, _ = draw.batch()
    jacobian = []
    for index in range(len(images)):
        network.zero_grad()
        for logit in network(images)[index]:
            logit.backward(retain_graph=True)
        named = [parameter for name, parameter in network.named_parameters() if name.split(".")[-1] == "weight"]
        jacobian.append(torch.cat([p.grad.flatten() for p in named if p.grad is not None]))
    singular = torch.linalg.svdvals(torch.stack(jacobian))
    expected = (singular[0] / singular[-1]).item() ** 2
    assert expected > 1.1
    assert proxy.score(architecture, seed=3).value == pytest.approx(-expected, rel=1e-7)


def test_ntk_of_images_that_are_alike_has_no_condition_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of the smallest eigenvalue is rounding, of either sign."""

    def twice(self: object, shape: tuple[int, ...], num_classes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        images = torch.randn(shape, generator=generator)
        images[-1] = images[0] + 1e-6 * images[1]
        return images, torch.zeros(shape[0], dtype=torch.int64)

    monkeypatch.setattr("zen_lightning.proxy.inputs.Noise.batch", twice)
    for seed in range(12):
        with pytest.raises(CannotScoreError, match="the tangent kernel is singular"):
            NtkConditionNumber(*SETTINGS).score(ROW, seed)


def test_ntk_of_a_network_without_gradients_has_no_condition_number() -> None:
    with pytest.raises(CannotScoreError, match="the tangent kernel is singular"):
        NtkConditionNumber(*SETTINGS).score(DEAD)


@each_network
def test_jacob_cov_with_a_backward_pass_for_each_logit(architecture: BaseArchitecture) -> None:
    proxy = in_double(JacobCov(*SETTINGS))
    network, draw = drawn(proxy, architecture, seed=3)
    images, _ = draw.batch()
    images.requires_grad_()
    for row in network(images):
        for logit in row:
            logit.backward(retain_graph=True)
    assert images.grad is not None
    correlation = correlation_of(images.grad.flatten(1))
    eigenvalues = torch.linalg.svdvals(correlation).tolist()
    expected = -sum(math.log(value + 1e-5) + 1 / (value + 1e-5) for value in eigenvalues)
    assert proxy.score(architecture, seed=3).value == pytest.approx(expected, rel=1e-7)


def correlation_of(rows: Tensor) -> Tensor:
    """Return the correlation of each two rows, by its definition."""
    centred = [row - sum(row.tolist()) / len(row) for row in rows]
    found = torch.zeros(len(rows), len(rows), dtype=torch.float64)
    for i, one in enumerate(centred):
        for j, two in enumerate(centred):
            found[i, j] = (one * two).sum() / ((one * one).sum() * (two * two).sum()).sqrt()
    return found


def test_jacob_cov_without_a_jacobian() -> None:
    with pytest.raises(CannotScoreError, match="its correlations are not defined"):
        JacobCov(*SETTINGS).score(DEAD)
    with pytest.raises(CannotScoreError, match="batch_size=1: jacob_cov correlates images; expected 2 or more"):
        JacobCov(8, 5, 1).score(ROW)


def test_jacob_cov_is_highest_for_images_that_are_seen_apart() -> None:
    """Each image has its own Jacobian in a wide network; through one channel they are much alike."""
    wide, narrow = (Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,2)") for width in (32, 1))
    assert JacobCov(8, 5, 8).score(wide).value > JacobCov(8, 5, 8).score(narrow).value


@each_network
def test_meco_by_explicit_correlation(architecture: BaseArchitecture) -> None:
    proxy = in_double(MeCo(8, 5, repeats=1))
    network, draw = drawn(proxy, architecture, seed=3)
    maps: list[Tensor] = []
    for layer in layers_of(network):
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda _layer, _arguments, out: maps.append(out.detach()[0].flatten(1)))
    network(draw.batch(2)[0])
    total, full = 0.0, 0
    for map_cx in maps:
        if map_cx.shape[1] > map_cx.shape[0] and map_cx.abs().max() > 0:
            full += 1
            total += torch.linalg.eigvals(correlation_of(map_cx)).real.min().item()
    assert full > 1
    assert total > 1e-3
    assert proxy.score(architecture, seed=3).value == pytest.approx(total, rel=1e-7)


def test_meco_of_more_channels_than_positions_is_zero() -> None:
    wide = Architecture.parse("SuperConvK3BNRELU(3,64,1,1)")
    assert MeCo(8, 5).score(wide).value == 0
    narrow = Architecture.parse("SuperConvK3BNRELU(3,4,1,1)")
    assert MeCo(8, 5).score(narrow).value > 0


def test_meco_of_channels_that_are_copies_is_zero() -> None:
    """Three channels of an image cannot become four independent ones in a 1 x 1 convolution."""
    one, two = (Architecture.parse(f"SuperConvK1BNRELU(3,{width},1,1)") for width in (2, 4))
    assert MeCo(8, 5).score(one).value > 0.01
    assert MeCo(8, 5).score(two).value < 1e-6


def test_meco_reads_the_feature_map_before_it_is_overwritten() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    in_place = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert MeCo(8, 4).score(in_place) == MeCo(8, 4).score(plain)


@pytest.mark.parametrize("proxy", [MeCo(8, 4), NtkConditionNumber(*SETTINGS)])
def test_a_network_without_convolutions(proxy: NetworkProxy) -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(192, 4))
    if isinstance(proxy, MeCo):
        with pytest.raises(CannotScoreError, match="meco reads convolutions, and this network has none"):
            proxy.score(linear)
    else:
        assert proxy.score(linear).value < -1
