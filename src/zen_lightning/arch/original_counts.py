"""The counts that the original Zen-NAS prints for a structure: close to the exact ones, but not those of any network.

Found by fitting ``original_param_count`` and ``original_flop_count`` of the golden structures, which they give exactly.
"""

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.primitives import Conv, Residual, Unit


def original_params(architecture: Architecture, num_classes: int = 1000) -> int:
    """Return the original's parameter count.

    A batch norm counts one value a channel, a projection one beside its weights (for bias and batch norm together), and the
    classifier a single bias.

    Example:
        >>> original_params(Architecture.parse("SuperConvK1BNRELU(3,8,1,1)"), num_classes=10)
        113
    """
    convs = [conv for block in architecture.blocks for unit in block.units for conv in (*unit.backbone, *_projections(unit))]
    return sum(_weights(conv) + conv.out_channels for conv in convs) + architecture.out_channels * num_classes + 1


def original_flops(architecture: Architecture, resolution: int, num_classes: int = 1000) -> float:
    """Return the original's FLOPs for one image; a fraction where an odd size is halved.

    A strided convolution takes the input size over its stride, rounded down, and its batch norm adds one for each value. A
    projection takes the output size of its unit and divides it by the stride a second time.

    Example:
        >>> original_flops(Architecture.parse("SuperConvK1BNRELU(3,8,1,1)"), resolution=2, num_classes=10)
        208
    """
    total: float = architecture.out_channels * num_classes
    size = resolution
    for block in architecture.blocks:
        for unit in block.units:
            for conv in unit.backbone:
                total += _weights(conv) * size**2 // conv.stride**2
                size //= conv.stride
                total += conv.out_channels * size**2
            for projection in _projections(unit):
                total += (_weights(projection) + projection.out_channels) * (size / projection.stride) ** 2
    return total


def _weights(conv: Conv) -> int:
    return conv.out_channels * conv.fan_in * conv.kernel_size**2


def _projections(unit: Unit) -> tuple[Conv, ...]:
    return (unit.projection,) if isinstance(unit, Residual) and unit.projection is not None else ()
