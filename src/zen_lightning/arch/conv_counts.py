"""Exact counts of the convolutions of a network, of their outputs, and of its squeeze-and-excitations."""

from collections.abc import Iterator
from typing import NamedTuple

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import BaseArchitecture
from zen_lightning.arch.cell import CellArchitecture, CellPart
from zen_lightning.arch.primitives import Conv, Part, Residual
from zen_lightning.errors import UserError


class ConvCounts(NamedTuple):
    """Counts of one network.

    Attributes:
        convolutions: those of the layers and of the shortcuts' projections; not those inside a squeeze-and-excitation, which
            work on one pixel.
        activations: elements of the outputs of all of them, for one image.
        gates: layers with a squeeze-and-excitation of their own, as ``MBConv...SE`` has one in each.
    """

    convolutions: int
    activations: int
    gates: int


def conv_counts(architecture: BaseArchitecture, resolution: int) -> ConvCounts:
    """Return how many convolutions a network has, and the elements of their outputs.

    Args:
        architecture: an architecture in a language of this project.
        resolution: height and width of the image.

    Raises:
        UserError: a resolution below 1.
        TypeError: an architecture of another language.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)MBConvE6K3SE(8,16,2,2)")
        >>> conv_counts(arch, resolution=32)  # 8 x 16 x 16, then 48 x 16 x 16, 48 x 8 x 8, 16 x 8 x 8, and with 96 inside
        ConvCounts(convolutions=7, activations=31744, gates=2)
    """
    if resolution < 1:
        raise UserError(key="resolution", value=resolution, expected="1 or more")
    convolutions = activations = gates = 0
    for unit, size in _convs(architecture, resolution):
        if isinstance(unit, Part):
            outputs = unit.conv_outputs(size)
            convolutions += len(outputs)
            activations += sum(outputs)
        else:
            convolutions += 1
            activations += unit.out_channels * unit.output_size(size) ** 2
            gates += unit.gate_channels > 0
    return ConvCounts(convolutions, activations, gates)


def _convs(architecture: BaseArchitecture, size: int) -> Iterator[tuple[Conv | Part, int]]:
    """Yield each convolution, and each part that holds some, with the height and width of its input."""
    if isinstance(architecture, Architecture):
        for block in architecture.blocks:
            for unit in block.units:
                if isinstance(unit, Part):
                    yield unit, size
                    size = unit.output_size(size)
                    continue
                if isinstance(unit, Residual) and unit.projection is not None:
                    yield unit.projection, size
                for conv in unit.backbone:
                    yield conv, size
                    size = conv.output_size(size)
    elif isinstance(architecture, CellArchitecture):
        for part in architecture.expand():
            if isinstance(part, Conv):
                yield part, size
                size = part.output_size(size)
            elif isinstance(part, CellPart):
                yield from ((edge.conv, size) for edge in part.edges for _ in range(part.repeats) if edge.conv is not None)
            else:
                first, second = part.body
                yield first, size
                size = first.output_size(size)
                yield second, size
                yield part.shortcut, size  # It reads the output of the average pooling.
    else:
        raise TypeError(f"convolutions of a {type(architecture).__name__} are not counted")
