"""The FLOPs that Accel-NASBench and TransNAS-Bench-101 print for a network, with all that their counters include.

The formulas reproduce every row of the published tables (benchmarks/truth_counts.py). ``Architecture.flops`` is the exact
count of multiply-adds, which is also what NAS-Bench-Macro prints.
"""

from collections.abc import Iterator

from zen_lightning.arch.accel_nasbench import AccelArchitecture
from zen_lightning.arch.primitives import Conv, Residual
from zen_lightning.arch.transnas_macro import TransNasArchitecture


def accel_nasbench_flops(architecture: AccelArchitecture, resolution: int = 224, num_classes: int = 1000) -> int:
    """Return ``macs_M`` of Accel-NASBench, as a plain count.

    In addition to the multiply-adds: four operations for each value of a batch norm, one for each input and one for each output
    of a pooling, those of squeeze-and-excitation included.

    Example:
        >>> accel_nasbench_flops(AccelArchitecture.parse("e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0"))
        415361072
    """
    total, size = architecture.flops(resolution, num_classes), resolution
    for conv, arrives, _ in _convolutions(architecture, resolution):
        size = conv.output_size(arrives)
        total += 4 * conv.out_channels * size**2
        if conv.gate_channels:
            total += conv.out_channels * (size**2 + 1)
    return total + architecture.out_channels * (size**2 + 1)


def transnas_flops(architecture: TransNasArchitecture, resolution: int = 256, num_classes: int = 63) -> int:
    """Return the FLOPs that TransNAS-Bench-101 prints.

    In addition to the multiply-adds: two operations for each value of a batch norm, one for each input of a relu, and
    ``channels * (size + 1)^2`` for the last pooling.

    Example:
        >>> transnas_flops(TransNasArchitecture.parse("413331"))
        1450030080
    """
    total, last = architecture.flops(resolution, num_classes), resolution
    for conv, arrives, is_projection in _convolutions(architecture, resolution):
        size = conv.output_size(arrives)
        total += 2 * conv.out_channels * size**2
        total += conv.out_channels * size**2 if conv.relu else 0
        total += conv.in_channels * arrives**2 if conv.relu_first else 0
        last = last if is_projection else size
    return total + architecture.out_channels * (last + 1) ** 2


def _convolutions(architecture: AccelArchitecture | TransNasArchitecture, resolution: int) -> Iterator[tuple[Conv, int, bool]]:
    """Yield each convolution, the size of its input, and whether it belongs to a shortcut."""
    size = resolution
    for block in architecture.blocks:
        for unit in block.units:
            if isinstance(unit, Residual) and unit.projection is not None:
                yield unit.projection, size, True
            for conv in unit.backbone:
                yield conv, size, False
                size = conv.output_size(size)
