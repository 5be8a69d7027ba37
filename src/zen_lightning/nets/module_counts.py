"""Counts of any module, for networks that no architecture describes."""

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from zen_lightning.nets.image_channels import image_channels


class LayerCounts(NamedTuple):
    """Work of the convolutions and linear layers of a module for one image; a layer counts as often as it is called.

    Attributes:
        multiply_adds: multiply-adds of convolutions and linear layers.
        convolutions: calls of convolutions, including those in a squeeze-and-excitation.
        activations: elements of the outputs of all convolutions.
    """

    multiply_adds: int
    convolutions: int
    activations: int


def count_parameters(module: nn.Module) -> int:
    """Return the trainable parameters of a module; one that is shared counts once."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def count_multiply_adds(module: nn.Module, resolution: int) -> int:
    """Return the multiply-adds of convolutions and linear layers for one image; see :func:`count_layers`."""
    return count_layers(module, resolution).multiply_adds


def multiply_adds(layer: nn.Module, given: Tensor, output: Tensor) -> int:
    """Return the multiply-adds of a call of a convolution or linear layer; 0 of another one.

    Args:
        layer: the layer.
        given: what it was called with.
        output: what it returned.
    """
    if not isinstance(layer, _ConvNd | nn.Linear):
        return 0
    # The first axis of the weight is the output channels; in a transposed convolution, the input channels.
    counted = given if isinstance(layer, _ConvTransposeNd) else output
    return counted.numel() // layer.weight.shape[0] * layer.weight.numel()


@torch.no_grad()
def count_layers(module: nn.Module, resolution: int) -> LayerCounts:
    """Return the work of the convolutions and linear layers of a module for one image, in a forward pass of a copy.

    Operations outside such layers (attention, say) do not count.

    Args:
        module: a module that takes images of shape (1, channels, resolution, resolution), with the channels of its first
            convolution.
        resolution: height and width of the image.

    Example:
        >>> count_layers(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Flatten(), nn.Linear(8 * 16, 10)), resolution=4)
        LayerCounts(multiply_adds=4736, convolutions=1, activations=128)
    """
    network = copy.deepcopy(module).to(device="cpu", dtype=torch.float32).eval()
    total = convolutions = activations = 0

    def count(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total, convolutions, activations
        total += multiply_adds(layer, arguments[0], output)
        if isinstance(layer, _ConvNd):
            convolutions += 1
            activations += output.numel()

    for layer in network.modules():
        if isinstance(layer, _ConvNd | nn.Linear):
            layer.register_forward_hook(count)
    network(torch.zeros(1, image_channels(network), resolution, resolution))
    return LayerCounts(total, convolutions, activations)
