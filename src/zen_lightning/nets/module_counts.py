"""Counts of any module: what a network costs that no architecture describes."""

import copy

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd


def count_parameters(module: nn.Module) -> int:
    """Return the trainable parameters of a module; one that is shared counts once."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


@torch.no_grad()
def count_multiply_adds(module: nn.Module, resolution: int) -> int:
    """Return the multiply-adds of convolutions and linear layers for one image, in a forward pass of a copy of the module.

    Layers count as often as they are called. What is computed without a layer (attention, say) does not count.

    Args:
        module: takes images of shape (1, 3, resolution, resolution).
        resolution: height and width of the image.
    """
    network = copy.deepcopy(module).to(device="cpu", dtype=torch.float32).eval()
    total = 0

    def count(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        weight = layer.weight
        assert isinstance(weight, Tensor)
        # The weight's first axis are the channels of the output, or of the input where the convolution is transposed.
        counted = arguments[0] if isinstance(layer, _ConvTransposeNd) else output
        total += counted.numel() // weight.shape[0] * weight.numel()

    for layer in network.modules():
        if isinstance(layer, _ConvNd | nn.Linear):
            layer.register_forward_hook(count)
    network(torch.zeros(1, 3, resolution, resolution))
    return total
