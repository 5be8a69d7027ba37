"""Every layer of a network: shapes, parameters, multiply-adds, memory, receptive field."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from zen_lightning.arch import BaseArchitecture
from zen_lightning.nets.build import build_network
from zen_lightning.nets.image_channels import image_channels
from zen_lightning.nets.module_counts import multiply_adds
from zen_lightning.nets.receptive_field import Field, FieldTracker
from zen_lightning.nets.staged import StagedNetwork

_BYTES = 4
"""Of an element in float32."""


class LayerRow(NamedTuple):
    """A layer, as it is called for one image; one that is called twice has two rows.

    Attributes:
        name: of the module: ``blocks.1.0.body.0.conv``.
        part: number of the part of the network that it belongs to, as in :meth:`BaseArchitecture.summary`, counted from 0.
        kind: ``conv 3x3``, ``depthwise 5x5 /2``, ``batch norm``, ``relu``, ``linear``, or the class.
        in_shape: shape of what arrives, without the batch.
        out_shape: shape of what leaves.
        params: trainable parameters; 0 from the second call.
        flops: multiply-adds of a convolution or linear layer; 0 for others, which counts leave out.
        activation_bytes: of what leaves, in float32.
        receptive_field: height (and width) of the part of the image that an element of the result depends on, in pixels, where
            the image is large enough; None where it is all of it, after global pooling. Squeeze-and-excitations are left out:
            they add a mean over all of the image.
        jump: pixels of the image from an element to the next.
    """

    name: str
    part: int
    kind: str
    in_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    params: int
    flops: int
    activation_bytes: int
    receptive_field: int | None
    jump: float


@torch.no_grad()
def layer_table(network: nn.Module, resolution: int, parts: Mapping[str, int] | None = None) -> list[LayerRow]:
    """Return a row for each layer of a network, in the order in which they are called; nothing is computed.

    Args:
        network: a module that takes images of shape (1, channels, resolution, resolution); it is not changed.
        resolution: height and width of the image.
        parts: the number of the part by the beginning of the names of its layers; layers of none belong to the part of the
            layer before them. None: those of a network of super-blocks or a cell, else the module's children.

    Example:
        >>> layers = layer_table(nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.ReLU(), nn.MaxPool2d(2)), 32)
        >>> [(row.kind, row.out_shape, row.flops, row.receptive_field) for row in layers]
        [('conv 3x3 /2', (8, 16, 16), 55296, 3), ('relu', (8, 16, 16), 0, 3), ('MaxPool2d', (8, 8, 8), 0, 5)]
    """
    moved = copy.deepcopy(network).to("meta").eval()
    images = torch.zeros(1, image_channels(network), resolution, resolution, device="meta")
    tracker = FieldTracker(images)
    rows: list[LayerRow] = []
    counted: set[int] = set()
    numbered = _parts(network) if parts is None else parts

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def noted(layer: nn.Module, arguments: Any, output: Any) -> None:
            if isinstance(output, Tensor) and arguments and isinstance(arguments[0], Tensor):
                before = rows[-1].part if rows else 0
                part = next((number for start, number in numbered.items() if f"{name}.".startswith(start)), before)
                rows.append(_row(name, layer, arguments[0], output, tracker, counted, part))

        return noted

    for name, layer in moved.named_modules():
        if not list(layer.children()) and not isinstance(layer, nn.Identity):
            layer.register_forward_hook(note(name))
    with tracker:
        moved(images)
    return rows


def layers_of(architecture: BaseArchitecture, resolution: int, num_classes: int = 1000, use_se: bool = False) -> list[LayerRow]:
    """Return a row for each layer of the network of an architecture; those of a part add up to its row of the summary.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)")
        >>> sum(layer.params for layer in layers_of(arch, 32, 10)) == arch.num_params(10)
        True
    """
    from zen_lightning.nets.named_architecture import NamedArchitecture

    if isinstance(architecture, NamedArchitecture):
        network = build_network(architecture, num_classes, use_se)
        return layer_table(network, resolution, architecture.layer_parts(resolution, num_classes))
    with torch.device("meta"):
        network = build_network(architecture, num_classes, use_se, initialise=False)
    return layer_table(network, resolution)


def _row(
    name: str, layer: nn.Module, given: Tensor, output: Tensor, tracker: FieldTracker, counted: set[int], part: int
) -> LayerRow:
    new = [weight for weight in layer.parameters(recurse=False) if weight.requires_grad and id(weight) not in counted]
    counted.update(map(id, new))
    field = tracker.of(output) or Field(whole=True)
    return LayerRow(
        name=name,
        part=part,
        kind=_kind(layer),
        in_shape=tuple(given.shape[1:]),
        out_shape=tuple(output.shape[1:]),
        params=sum(weight.numel() for weight in new),
        flops=multiply_adds(layer, given, output),
        activation_bytes=_BYTES * output.numel(),
        receptive_field=None if field.whole else round(field.size),
        jump=field.jump,
    )


def _parts(network: nn.Module) -> dict[str, int]:
    """Return the number of the part by the beginning of the names of its layers."""
    if isinstance(network, StagedNetwork):
        return {f"blocks.{number}.": number for number in range(len(network.blocks))} | {"": len(network.blocks)}
    return {f"{name}.": number for number, (name, _) in enumerate(network.named_children())}


def _kind(layer: nn.Module) -> str:
    if isinstance(layer, _ConvNd):
        sides = "x".join(map(str, layer.kernel_size))
        grouped = layer.groups > 1 and layer.groups == layer.in_channels
        word = "depthwise" if grouped else "conv" if layer.groups == 1 else f"conv of {layer.groups} groups"
        word = f"transposed {word}" if isinstance(layer, _ConvTransposeNd) else word
        dilated = f", dilation {max(layer.dilation)}" if max(layer.dilation) > 1 else ""
        return f"{word} {sides}" + (f" /{max(layer.stride)}" if max(layer.stride) > 1 else "") + dilated
    known = {nn.BatchNorm2d: "batch norm", nn.ReLU: "relu", nn.Linear: "linear", nn.Sigmoid: "sigmoid"}
    return known.get(type(layer), type(layer).__name__)
