"""Layers of a network and their gains, as the calibrated score counts them; docs/calibrated_score.md explains why."""

import math
from typing import NamedTuple

from zen_lightning.arch import Conv, Residual, SuperBlock, Unit

LINEAR, RECTIFIED = 1.0, 0.5 - 0.5 / math.pi
"""Variance of a convolution's input after batch norm: N(0,1), or its relu (section 1 of docs/closed_form.md)."""


class Layer(NamedTuple):
    """A residual unit (with or without shortcut) or a convolution.

    Attributes:
        gain: sum over its convolutions of 1/2 ln(0.81 + 0.19 v), as in the running reading of the Zen-score.
        has_identity: whether it has an identity shortcut.
        has_gate: whether it has a squeeze-and-excitation of its own.
        resolution: height and width of the output.
        rectified: whether it ends in a relu.
    """

    gain: float
    has_identity: bool
    has_gate: bool
    resolution: int
    rectified: bool


def width_gain(fan_in: float, rectified: bool) -> float:
    """Return 1/2 ln(0.81 + 0.19 v) for one output that is a sum of ``fan_in`` inputs.

    Args:
        fan_in: number of inputs of one output, taps included.
        rectified: whether the inputs are outputs of a relu.

    Example:
        >>> width_gain(100, rectified=False) == 0.5 * math.log(0.81 + 0.19 * 100)
        True
    """
    return 0.5 * math.log(0.81 + 0.19 * fan_in * (RECTIFIED if rectified else LINEAR))


def taps_inside(kernel_size: int, resolution: int) -> float:
    """Return the mean number of taps of a kernel that lie inside the image, along one axis.

    Example:
        >>> taps_inside(3, 4), taps_inside(7, 1)
        (2.5, 1.0)
    """
    half = (kernel_size - 1) // 2
    return float(resolution) if half >= resolution else kernel_size - half * (half + 1) / resolution


def layers_of(block: SuperBlock, resolution: int, rectified: bool) -> tuple[Layer, ...]:
    """Return the layers of a super-block.

    A depthwise convolution is one layer with the 1 x 1 convolutions before and after it; any other convolution outside a
    residual unit is a layer of its own.

    Args:
        block: the block.
        resolution: height and width of the input.
        rectified: whether the input is the output of a relu; the image is not.
    """
    layers = []
    for group in units_by_layer(block.units):
        key = ("layer", resolution, rectified)
        known: Layer | None = group[0].cache.get(key) if isinstance(group[0], Residual) else None
        if known is None:
            known = _layer(group, resolution, rectified)
            if isinstance(group[0], Residual):
                group[0].cache[key] = known
        layers.append(known)
        resolution, rectified = known.resolution, known.rectified
    return tuple(layers)


def units_by_layer(units: tuple[Unit, ...]) -> list[list[Unit]]:
    """Return the units of each layer; see :func:`layers_of`."""
    groups: list[list[Unit]] = []
    for unit in units:
        before = groups[-1][-1] if groups else None
        if isinstance(unit, Conv) and isinstance(before, Conv) and _belong_together(before, unit):
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def _belong_together(before: Conv, after: Conv) -> bool:
    return (before.kernel_size == 1 and after.groups > 1) or (before.groups > 1 and after.kernel_size == 1)


def _layer(group: list[Unit], resolution: int, rectified: bool) -> Layer:
    gain, has_gate = 0.0, False
    for conv in (conv for unit in group for conv in unit.backbone):
        taps = taps_inside(conv.kernel_size, resolution)
        # A depthwise kernel counts k x k taps, as in the Zen-score, which the trained networks confirm. None of them varies a
        # dense kernel. It counts k taps, so that a larger kernel gains as much as more channels at the same cost.
        reads = conv.fan_in * (taps**2 if conv.groups > 1 else taps)
        gain += width_gain(reads, rectified or conv.relu_first)
        resolution, rectified = conv.output_size(resolution), conv.relu
        has_gate = has_gate or conv.gate_channels > 0
    unit = group[0]
    has_identity = isinstance(unit, Residual) and unit.shortcut and unit.projection is None
    return Layer(gain, has_identity, has_gate, resolution, rectified)
