"""Networks with random weights, as zero-shot proxies need them."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.nets.build import build_network
from zen_lightning.nets.layers import NORMS, OTHER_NORMS
from zen_lightning.nets.staged import StagedNetwork

_WEIGHTED = (nn.modules.conv._ConvNd, nn.Linear)
_PRELU_SLOPE = 0.25
"""PyTorch's own, https://arxiv.org/abs/1502.01852."""


class UndrawnWeightsError(UserError):
    """A module has parameters that :func:`draw_normal` does not know how to draw."""


def _undrawn_parameters(module: nn.Module) -> Iterator[str]:
    """Yield the parameters of layers of PyTorch that are of other kinds (attention, embeddings, recurrent layers).

    Parameters of a module of somebody's own that are no such layer (layer scales, class tokens, embeddings of positions) stay
    as they are built.
    """
    for path, part in module.named_modules():
        known = isinstance(part, (*_WEIGHTED, NORMS, *OTHER_NORMS, nn.PReLU))
        own = not type(part).__module__.startswith("torch.")
        if is_parametrized(part) or not (known or own):
            yield from (f"{path}.{name}".lstrip(".") for name, _ in part.named_parameters(recurse=False))
            if is_parametrized(part):
                yield path


def draw_seed(seed: int, repeat: int) -> int:
    """Return the seed of one of several independent draws, so that 4 repeats begin with the draws of 2."""
    # A prime larger than any number of repeats keeps the seeds of two searches apart; torch takes seeds below 2**63.
    return (seed * 1_000_003 + repeat) % 2**63


def vanilla_network(architecture: BaseArchitecture, device: torch.device | str = "cpu") -> StagedNetwork:
    """Return the vanilla twin with one class and uninitialised weights; call :func:`draw_normal` next."""
    classes = getattr(architecture, "own_classes", None) or 1
    network = build_network(architecture, num_classes=classes, vanilla=True, initialise=False)
    # Channels last is the faster layout of these networks, on CPUs too.
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    _set_scoring_mode(network)
    return network


def scoring_network(
    network: BaseArchitecture | nn.Module, num_classes: int, vanilla: bool, device: torch.device | str = "cpu"
) -> nn.Module:
    """Return the network of an architecture, or a copy of a module; its weights are still to be drawn.

    Args:
        network: an architecture or a module.
        num_classes: number of logits; a module keeps its own.
        vanilla: whether to build the twin without shortcuts; a module keeps its shortcuts.
        device: device of torch.
    """
    if not isinstance(network, BaseArchitecture):
        return scoring_copy(network, device)
    built = build_network(network, num_classes, vanilla=vanilla, initialise=False).to(device)
    _set_scoring_mode(built)
    return built


def scoring_copy(module: nn.Module, device: torch.device | str = "cpu") -> nn.Module:
    """Return a copy of any module, in which only the batch norms are in training mode, in PyTorch's default memory layout.

    Laid channels last, as a module may come, narrow strided convolutions have wrong gradients on CPUs:
    https://github.com/uxlfoundation/oneDNN/issues/6035
    """
    foreign = sorted(_undrawn_parameters(module))
    if foreign:
        names = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
        raise UndrawnWeightsError(
            f"{type(module).__name__} has weights that are not those of a plain convolution, linear layer or norm "
            f"({names}): a score with random weights is not defined for them"
        )
    network = copy.deepcopy(module).to(device=device, dtype=torch.float32)
    network.to(memory_format=torch.contiguous_format)
    _set_scoring_mode(network)
    return network


def _set_scoring_mode(network: nn.Module) -> None:
    network.eval()
    for module in network.modules():
        if isinstance(module, NORMS):
            module.train()
            module.momentum = 1.0
            module.track_running_stats = True


@torch.no_grad()
def draw_normal(network: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights of convolutions and linear layers N(0,1), in place; biases are 0, norms have scale 1 and shift 0.

    The slope of a PReLU is 0.25. Layer scales and other parameters that a module holds itself stay as they are.

    Args:
        network: a network on the device of the generator.
        generator: source of the random numbers, drawn in the order of ``network.modules()``.
    """
    for module in network.modules():
        if isinstance(module, _WEIGHTED):
            _in_memory_order(module.weight).normal_(generator=generator)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, NORMS):
            if module.affine:
                module.weight.fill_(1.0)
                module.bias.zero_()
            device = generator.device
            module.running_mean = torch.zeros(module.num_features, device=device)
            module.running_var = torch.ones(module.num_features, device=device)
        elif isinstance(module, nn.PReLU):
            module.weight.fill_(_PRELU_SLOPE)
        elif isinstance(module, OTHER_NORMS):
            for name, value in (("weight", 1.0), ("bias", 0.0)):
                if isinstance(parameter := getattr(module, name, None), nn.Parameter):
                    parameter.fill_(value)


def _in_memory_order(weight: Tensor) -> Tensor:
    """Return a contiguous view of a channels-last weight, into which torch draws several times faster."""
    if weight.dim() == 4 and not weight.is_contiguous() and weight.is_contiguous(memory_format=torch.channels_last):
        return weight.permute(0, 2, 3, 1)
    return weight


@torch.no_grad()
def draw_weights(network: nn.Module, how: str, generator: torch.Generator) -> None:
    """Draw the weights of convolutions and linear layers, in place; batch norms have scale 1 and shift 0.

    Args:
        network: a network on the device of the generator.
        how: ``normal`` (N(0,1), biases 0), ``kaiming`` (N(0, 2 / fan-in), biases 0) or ``default`` (as PyTorch does: weights
            and biases uniform within 1 / sqrt(fan-in)).
        generator: source of the random numbers.
    """
    draw_normal(network, generator)
    for module in network.modules():
        if how == "normal" or not isinstance(module, _WEIGHTED):
            continue
        bound = module.weight[0].numel() ** -0.5
        if how == "kaiming":
            module.weight.mul_(2**0.5 * bound)
        else:
            _in_memory_order(module.weight).uniform_(-bound, bound, generator=generator)
            if module.bias is not None:
                module.bias.uniform_(-bound, bound, generator=generator)
