"""The proxies made of gradients, each worked out a second time by another route: slow, plain, in double precision."""

import copy
import math

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from drawn import drawn, in_double, layers_of
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.fisher import Fisher
from zen_lightning.proxy.grad_norm import GradNorm
from zen_lightning.proxy.grasp import Grasp
from zen_lightning.proxy.network_proxy import NetworkProxy
from zen_lightning.proxy.snip import Snip
from zen_lightning.proxy.synflow import SynFlow
from zen_lightning.proxy.zico import ZiCo
from zen_lightning.space import search_space

ROW = Architecture.parse("SuperConvK3BNRELU(3,4,1,1)SuperResK3K3(4,6,2,4,1)SuperConvK1BNRELU(6,8,1,1)")
CUT = search_space("nas_bench_201").parse("|nor_conv_1x1~0|+|nor_conv_1x1~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|")
SETTINGS = (8, 5, 4)

each_network = pytest.mark.parametrize("architecture", [ROW, CUT], ids=["row", "cut-cell"])


def loss_of(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy, by its definition."""
    logits = network(images)
    chosen = logits[torch.arange(len(labels)), labels]
    return (logits.exp().sum(1).log() - chosen).mean()


def backward(network: nn.Module, images: Tensor, labels: Tensor) -> None:
    network.zero_grad()
    loss_of(network, images, labels).backward()


def gradient_of(layer: nn.Module) -> Tensor:
    return layer.weight.grad if layer.weight.grad is not None else torch.zeros_like(layer.weight)


def test_the_cut_cell_has_layers_that_nothing_flows_through() -> None:
    network, draw = drawn(GradNorm(*SETTINGS), CUT)
    backward(network, *draw.batch())
    assert sum(layer.weight.grad is None for layer in layers_of(network)) == 15


@each_network
def test_grad_norm(architecture: BaseArchitecture) -> None:
    proxy = in_double(GradNorm(*SETTINGS))
    network, draw = drawn(proxy, architecture, seed=3)
    backward(network, *draw.batch())
    norms = [math.sqrt(gradient_of(layer).square().sum().item()) for layer in layers_of(network)]
    assert proxy.score(architecture, seed=3).value == pytest.approx(sum(norms), rel=1e-9)


@each_network
def test_grad_norm_released(architecture: BaseArchitecture) -> None:
    proxy = in_double(GradNorm(*SETTINGS, variant="released"))
    network, draw = drawn(proxy, architecture, seed=3)
    backward(network, *draw.batch())
    everything = torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])
    biases = sum(1 for name, p in network.named_parameters() if name.endswith("bias") and p.grad is not None)
    assert biases > 3
    assert proxy.score(architecture, seed=3).value == pytest.approx(everything.norm().item(), rel=1e-9)


@each_network
def test_snip_is_the_gradient_for_a_mask_over_the_weights(architecture: BaseArchitecture) -> None:
    proxy = in_double(Snip(*SETTINGS))
    network, draw = drawn(proxy, architecture, seed=3)
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    state = dict(network.named_parameters())
    masks = {f"{name}.weight": torch.ones_like(state[f"{name}.weight"], requires_grad=True) for name in names}
    masked = {name: weight.detach() * masks[name] if name in masks else weight for name, weight in state.items()}
    images, labels = draw.batch()
    functional.cross_entropy(functional_call(network, masked, (images,)), labels).backward()
    total = sum(mask.grad.abs().sum().item() for mask in masks.values() if mask.grad is not None)
    assert proxy.score(architecture, seed=3).value == pytest.approx(total, rel=1e-9)


@each_network
def test_grasp_by_finite_differences_of_the_gradient(architecture: BaseArchitecture) -> None:
    proxy = in_double(Grasp(*SETTINGS))
    network, draw = drawn(proxy, architecture, seed=3)
    images, labels = draw.batch()
    layers = layers_of(network)

    def weighted_gradient(step: float) -> float:
        """Return w'g, the gradient taken a step along the first one."""
        with torch.no_grad():
            for layer, weight, first in zip(layers, weights, firsts, strict=True):
                layer.weight.copy_(weight + step * first)
        backward(network, images, labels)
        return sum((weight * gradient_of(layer)).sum().item() for layer, weight in zip(layers, weights, strict=True))

    backward(network, images, labels)
    weights = [layer.weight.detach().clone() for layer in layers]
    firsts = [gradient_of(layer).clone() for layer in layers]
    step = 1e-7 / sum(first.norm().item() for first in firsts)
    expected = -(weighted_gradient(step) - weighted_gradient(-step)) / (2 * step)
    assert abs(expected) > 1e-3
    assert proxy.score(architecture, seed=3).value == pytest.approx(expected, rel=1e-4)


class InPlace(nn.Module):
    """Works in place on what a convolution returned."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.linear = nn.Linear(4, 5)

    def forward(self, images: Tensor) -> Tensor:
        x_bchw = functional.leaky_relu(self.norm(self.first(images)))
        out_bchw = self.second(x_bchw)
        out_bchw += x_bchw
        out: Tensor = self.linear(functional.silu(out_bchw, inplace=True).mean((2, 3)))
        return out


@pytest.mark.parametrize("network", [ROW, CUT, InPlace()], ids=["row", "cut-cell", "in-place"])
def test_fisher_channel_by_channel(network: BaseArchitecture | nn.Module) -> None:
    proxy = in_double(Fisher(*SETTINGS))
    ours, draw = drawn(proxy, network, seed=3)
    seen: list[tuple[Tensor, Tensor]] = []

    def replace(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor:
        gate = torch.zeros_like(output, requires_grad=True)
        seen.append((output.detach().clone(), gate))
        return output + gate

    for layer in layers_of(ours):
        layer.register_forward_hook(replace)
    loss_of(ours, *draw.batch()).backward()
    total = 0.0
    for activation, gate in seen:
        if gate.grad is None:
            continue
        batch, channels = activation.shape[:2]
        for channel in range(channels):
            products = [(activation[image, channel] * gate.grad[image, channel]).sum().item() for image in range(batch)]
            total += 0.5 * sum(product**2 for product in products) / batch
    assert proxy.score(network, seed=3).value == pytest.approx(total, rel=1e-9)


@each_network
@pytest.mark.parametrize("batches", [2, 3])
def test_zico_weight_by_weight(architecture: BaseArchitecture, batches: int) -> None:
    proxy = in_double(ZiCo(*SETTINGS, batches=batches))
    network, draw = drawn(proxy, architecture, seed=3)
    layers = layers_of(network)
    found: list[list[list[float]]] = []
    for _ in range(batches):
        backward(network, *draw.batch())
        found.append([gradient_of(layer).flatten().abs().tolist() for layer in layers])
    total = 0.0
    for index in range(len(layers)):
        ratios = 0.0
        for sizes in zip(*(batch[index] for batch in found), strict=True):
            mean = sum(sizes) / batches
            deviation = math.sqrt(sum((size - mean) ** 2 for size in sizes) / batches)
            if deviation > 0:
                ratios += mean / deviation
        if ratios > 0:
            total += math.log(ratios)
    assert proxy.score(architecture, seed=3).value == pytest.approx(total, rel=1e-6)


def test_zico_of_a_cell_without_gradients_says_so() -> None:
    dead = search_space("nas_bench_201").parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    with pytest.raises(CannotScoreError, match="no layer has a gradient that differs between batches"):
        ZiCo(*SETTINGS).score(dead)


class Root(nn.Module):
    """The slope of the square root at 0 is infinite."""

    def forward(self, x_bchw: Tensor) -> Tensor:
        return (x_bchw * (x_bchw > 0)).sqrt()


@pytest.mark.parametrize("proxy", [GradNorm, Snip, Grasp, Fisher, ZiCo])
def test_gradients_that_are_not_finite_in_one_layer_are_no_score(proxy: type[NetworkProxy]) -> None:
    first, second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)
    module = nn.Sequential(first, Root(), second, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
    with pytest.raises(CannotScoreError, match=r"not (a )?finite"):
        proxy(*SETTINGS).score(module)


def test_zico_takes_two_batches_or_more() -> None:
    with pytest.raises(ValueError, match="batches=1: zico compares batches; expected 2 or more"):
        ZiCo(batches=1)


def test_synflow_of_a_chain_is_a_product_of_matrices() -> None:
    """Through 1 x 1 convolutions the flow is the same in every layer: the sum over all paths."""
    chain = Architecture.parse("SuperConvK1BNRELU(3,5,1,1)SuperConvK1BNRELU(5,4,1,1)SuperConvK1BNRELU(4,6,1,1)")
    proxy = SynFlow(8, 5)
    network, _ = drawn(proxy, chain, seed=3)
    through = torch.ones(3, dtype=torch.float64)
    for layer in layers_of(network):
        through = layer.weight.detach().abs().flatten(1) @ through
    expected = math.log(4 * through.sum().item())
    assert proxy.score(chain, seed=3).value == pytest.approx(expected, rel=1e-12)


@each_network
def test_synflow_is_how_the_outputs_grow_with_each_layer(architecture: BaseArchitecture) -> None:
    """The outputs are linear in the weights of a layer: w * dR/dw is what they lose without it."""
    proxy = SynFlow(8, 5)
    network, _ = drawn(proxy, architecture, seed=3)
    network.eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.zero_()
                module.running_var.fill_(1 - module.eps)
        ones = torch.ones(1, 3, 8, 8, dtype=torch.float64)
        whole, lost = network(ones).sum().item(), 0.0
        for layer in layers_of(network):
            weight = layer.weight.clone()
            layer.weight.zero_()
            lost += whole - network(ones).sum().item()
            layer.weight.copy_(weight)
    assert proxy.score(architecture, seed=3).value == pytest.approx(math.log(lost), rel=1e-9)


def test_synflow_released_by_finite_differences() -> None:
    proxy = SynFlow(8, 5, variant="released")
    network, _ = drawn(proxy, ROW, seed=3)
    ones = torch.ones(1, 3, 8, 8, dtype=torch.float64)
    total, step = 0.0, 1e-6
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
        for layer in layers_of(network):
            per_channel = []
            for channel in layer.weight:
                flat = channel.view(-1)
                flow = 0.0
                for index in range(len(flat)):
                    weight = flat[index].item()
                    flat[index] = weight + step
                    more = network(ones).sum().item()
                    flat[index] = weight - step
                    less = network(ones).sum().item()
                    flat[index] = weight
                    flow += abs(weight * (more - less) / (2 * step))
                per_channel.append(flow)
            total += sum(per_channel) / len(per_channel)
    assert proxy.score(ROW, seed=3).value == pytest.approx(-total, rel=1e-4)


def test_synflow_does_not_overflow_where_single_precision_would() -> None:
    deep = Architecture.parse("SuperConvK7BNRELU(3,32,1,36)")
    assert SynFlow(8, 5).score(deep).value > math.log(torch.finfo(torch.float32).max)


def test_synflow_looks_at_one_image_of_ones_whatever_the_batch() -> None:
    for variant in ("paper", "released"):
        assert SynFlow(8, 5, 2, variant=variant).score(ROW) == SynFlow(8, 5, 9, variant=variant).score(ROW)


def test_the_gradient_proxies_use_the_labels() -> None:
    """With another set of classes the images are the same, the labels others."""
    network, _ = drawn(GradNorm(*SETTINGS), ROW)
    for proxy in (GradNorm(*SETTINGS), Snip(*SETTINGS), Grasp(*SETTINGS), Fisher(*SETTINGS), ZiCo(*SETTINGS)):
        fewer = type(proxy)(8, 2, 4)
        assert proxy.score(copy.deepcopy(network)).value != fewer.score(copy.deepcopy(network)).value
