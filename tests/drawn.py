"""The very network and numbers that a proxy scores, for tests that work out its definition a second time."""

import torch
from torch import Tensor, nn

from zen_lightning.nets.random_weights import draw_seed, draw_weights, scoring_network
from zen_lightning.proxy.base import Scorable
from zen_lightning.proxy.network_proxy import Draw, _OnNetworks


def drawn(proxy: _OnNetworks, architecture: Scorable, seed: int = 0) -> tuple[nn.Module, Draw]:
    """Return the network of the first repeat, its weights drawn, and what the proxy draws from next."""
    generator = torch.Generator().manual_seed(draw_seed(seed, 0))
    network = scoring_network(architecture, proxy.num_classes, proxy.vanilla)
    draw_weights(network, proxy.weights[proxy.variant], generator)
    shape = (proxy.batch_size, 3, proxy.resolution, proxy.resolution)
    return network.to(proxy.dtype), Draw(proxy._inputs, shape, proxy.num_classes, generator, proxy.dtype)


def in_double(proxy: _OnNetworks) -> _OnNetworks:
    """Return the proxy, which computes in double precision from now on: for tight tolerances."""
    proxy.dtype = torch.float64  # type: ignore[misc]
    return proxy


def relu_inputs(network: nn.Module, images: Tensor) -> list[Tensor]:
    """Return what arrives at each relu module, each of shape (batch, neurons)."""
    seen: list[Tensor] = []
    handles = [
        module.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0].detach().clone().flatten(1)))
        for module in network.modules()
        if isinstance(module, nn.ReLU)
    ]
    network(images)
    for handle in handles:
        handle.remove()
    return seen


def layers_of(network: nn.Module) -> list[nn.Module]:
    """Return the convolutions and linear layers."""
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
