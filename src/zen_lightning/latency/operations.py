"""The operations that a network is a sum of, as far as latency is concerned: one more reader of the primitives."""

from functools import lru_cache
from typing import NamedTuple

from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.primitives import Conv, Part, Residual, Unit, output_size, squeezed_channels
from zen_lightning.errors import UserError

IMAGE_CHANNELS = 3
CONV, STEM, DEPTHWISE, RELU, NORM, ADD, SE, HEAD = "conv", "stem", "depthwise", "relu", "norm", "add", "se", "head"


class OutsideProfileError(UserError):
    """A network holds an operation that is outside what a profile measured."""


class Operation(NamedTuple):
    """One operation of a network.

    Attributes:
        kind: ``conv`` (without its relu), ``stem`` (a convolution of the image), ``depthwise``, ``relu``, ``norm`` (a batch
            norm that is not folded), ``add`` (the shortcut's addition and the relu after it), ``se``, ``head`` (global pooling
            and classifier).
        kernel_size: kernel size of a convolution, else 1.
        stride: stride of a convolution, else 1.
        in_channels: input channels.
        out_channels: output channels; classes, for the head.
        resolution: height and width of the input.
    """

    kind: str
    kernel_size: int
    stride: int
    in_channels: int
    out_channels: int
    resolution: int

    @property
    def family(self) -> str:
        """What its measurements are kept under: kind, kernel and stride."""
        return f"{self.kind}{self.kernel_size}s{self.stride}" if self.kind in (CONV, STEM, DEPTHWISE) else self.kind

    @property
    def out_resolution(self) -> int:
        """Height and width of the output."""
        return 1 if self.kind == HEAD else output_size(self.resolution, self.kernel_size, self.stride)

    @property
    def macs(self) -> int:
        """Multiply-adds for one image; one an element where nothing is multiplied."""
        positions = self.out_resolution**2
        if self.kind in (CONV, STEM):
            return positions * self.in_channels * self.out_channels * self.kernel_size**2
        if self.kind == DEPTHWISE:
            return positions * self.out_channels * self.kernel_size**2
        if self.kind == HEAD:
            return self.in_channels * (self.out_channels + self.resolution**2)
        return positions * self.out_channels

    @property
    def elements(self) -> int:
        """Numbers of the feature maps that are read and written, for one image."""
        arrives = self.in_channels * self.resolution**2
        leaves = self.out_channels * self.out_resolution**2
        return {ADD: 2 * arrives + leaves, SE: 2 * arrives + leaves}.get(self.kind, arrives + leaves)

    @property
    def weights(self) -> int:
        """Weights that are read."""
        if self.kind in (CONV, STEM):
            return self.in_channels * self.out_channels * self.kernel_size**2
        if self.kind == DEPTHWISE:
            return self.out_channels * self.kernel_size**2
        if self.kind == SE:
            return 2 * self.in_channels * squeezed_channels(self.in_channels)
        return self.in_channels * self.out_channels if self.kind == HEAD else 0

    def __str__(self) -> str:
        if self.kind in (CONV, STEM, DEPTHWISE):
            name = "depthwise convolution" if self.kind == DEPTHWISE else "convolution"
            widths = f"{self.in_channels} to {self.out_channels} channels"
            return f"{self.kernel_size}x{self.kernel_size} {name} of stride {self.stride}, {widths}, at {self.resolution} px"
        if self.kind == HEAD:
            return f"classifier of {self.in_channels} channels and {self.out_channels} classes at {self.resolution} px"
        return f"{self.kind} of {self.out_channels} channels at {self.resolution} px"


def conv_operations(conv: Conv, resolution: int, fold: bool = True, use_se: bool = False) -> list[Operation]:
    """Return the operations of a convolution with what follows it.

    Args:
        conv: the primitive.
        resolution: height and width of the input.
        fold: whether its batch norm is part of it.
        use_se: whether the network has squeeze-and-excitation.

    Raises:
        UserError: a convolution in groups that is not depthwise: no profile holds such.
    """
    if conv.groups == 1:
        kind = STEM if conv.in_channels == IMAGE_CHANNELS else CONV
    elif conv.groups == conv.in_channels == conv.out_channels:
        kind = DEPTHWISE
    else:
        what = f"latency is not predicted for convolutions in {conv.groups} groups"
        raise UserError(what, remedy="measure the network instead")
    first = Operation(kind, conv.kernel_size, conv.stride, conv.in_channels, conv.out_channels, resolution)
    before = [_plain(RELU, conv.in_channels, resolution)] if conv.relu_first else []
    follows = [] if fold else [NORM]
    follows += [RELU] if conv.relu else []
    # A gate of its own is narrower than the SE of a profile; both cost what reading and scaling the feature map costs.
    follows += [SE] if conv.gate_channels or (use_se and conv.squeeze_excite) else []
    return [*before, first, *(_plain(kind, conv.out_channels, first.out_resolution) for kind in follows)]


def unit_operations(unit: Unit, resolution: int, fold: bool = True, use_se: bool = False) -> tuple[list[Operation], int]:
    """Return the operations of a unit, and the resolution of what leaves it.

    Args and errors: see :func:`conv_operations`.
    """
    if isinstance(unit, Part):
        raise UserError(f"latency is not predicted for {unit.text}", remedy="measure the network instead")
    operations: list[Operation] = []
    size = resolution
    # The body, not the twin's backbone: the relu after a shortcut is part of the addition.
    for conv in unit.body if isinstance(unit, Residual) else (unit,):
        operations += conv_operations(conv, size, fold, use_se)
        size = conv.output_size(size)
    if isinstance(unit, Residual):
        if unit.projection is not None:
            operations += conv_operations(unit.projection, resolution, fold)
        if unit.shortcut:
            operations.append(_plain(ADD, unit.body[-1].out_channels, size))
    return operations, size


def network_operations(
    blocks: tuple[SuperBlock, ...], resolution: int, num_classes: int, fold: bool = True, use_se: bool = False
) -> list[Operation]:
    """Return the operations of a row of super-blocks and its classifier, in order.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> blocks = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)").blocks
        >>> [operation.family for operation in network_operations(blocks, 32, 10)]
        ['stem3s2', 'relu', 'conv3s1', 'relu', 'conv3s1', 'conv1s1', 'add', 'head']
    """
    operations: list[Operation] = []
    for block in blocks:
        for unit in block.units:
            more, resolution = unit_operations(unit, resolution, fold, use_se)
            operations += more
    operations.append(Operation(HEAD, 1, 1, blocks[-1].out_channels, num_classes, resolution))
    return operations


@lru_cache(maxsize=50_000)
def _plain(kind: str, channels: int, resolution: int) -> Operation:
    return Operation(kind, 1, 1, channels, channels, resolution)
