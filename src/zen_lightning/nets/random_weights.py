"""Networks with random weights, as zero-shot proxies need them."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets.network import Network

_WEIGHTED = (nn.modules.conv._ConvNd, nn.Linear)
_NORMS = nn.modules.batchnorm._BatchNorm


class UndrawnWeightsError(UserError):
    """A module has weights of a kind that :func:`draw_normal` does not draw."""


def _undrawn_parameters(module: nn.Module) -> Iterator[str]:
    for path, part in module.named_modules():
        drawn = isinstance(part, (*_WEIGHTED, _NORMS)) and not is_parametrized(part)
        if not drawn:
            yield from (f"{path}.{name}".lstrip(".") for name, _ in part.named_parameters(recurse=False))
            if is_parametrized(part):
                yield path


def vanilla_network(architecture: Architecture, device: torch.device | str = "cpu") -> Network:
    """Return the vanilla twin without classes, its weights not yet drawn: call :func:`draw_normal`."""
    network = Network(architecture, num_classes=1, vanilla=True, initialise=False)
    # Channels last is the faster layout of these networks, on CPUs too.
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    _set_scoring_mode(network)
    return network


def scoring_copy(module: nn.Module, device: torch.device | str = "cpu") -> nn.Module:
    """Return a copy of any module, in which only the batch norms are in training mode."""
    foreign = sorted(_undrawn_parameters(module))
    if foreign:
        names = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
        raise UndrawnWeightsError(
            f"{type(module).__name__} has weights that are not those of a plain convolution, linear layer or batch norm "
            f"({names}): a score with random weights is not defined for them"
        )
    network = copy.deepcopy(module).to(device=device, dtype=torch.float32)
    _set_scoring_mode(network)
    return network


def _set_scoring_mode(network: nn.Module) -> None:
    network.eval()
    for module in network.modules():
        if isinstance(module, _NORMS):
            module.train()
            module.momentum = 1.0
            module.track_running_stats = True


@torch.no_grad()
def draw_normal(network: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights of convolutions and linear layers N(0,1), with biases 0 and batch norms 1 and 0, in place.

    Args:
        network: on the device of the generator.
        generator: source of all numbers; the order of the draws is the order of ``network.modules()``.
    """
    for module in network.modules():
        if isinstance(module, _WEIGHTED):
            _in_memory_order(module.weight).normal_(generator=generator)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, _NORMS):
            if module.affine:
                module.weight.fill_(1.0)
                module.bias.zero_()
            device = generator.device
            module.running_mean = torch.zeros(module.num_features, device=device)
            module.running_var = torch.ones(module.num_features, device=device)


def _in_memory_order(weight: Tensor) -> Tensor:
    """Return a view of a channels-last weight that is contiguous: torch draws into those several times faster."""
    if weight.dim() == 4 and not weight.is_contiguous() and weight.is_contiguous(memory_format=torch.channels_last):
        return weight.permute(0, 2, 3, 1)
    return weight
