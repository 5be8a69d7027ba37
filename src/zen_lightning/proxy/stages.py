"""Stages of a network, the layers of one resolution, as sums that add up block by block."""

from typing import NamedTuple

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.proxy.layers import layers_of, width_gain

BRIDGE = 3.0
"""Weight of the gain of a layer without identity shortcut, which all information has to pass; others weigh 1. Chosen on the
part of Accel-NASBench set aside for choices (benchmarks/calibrated_score.py), where anything from 2 to 5 is as good."""


class Stage(NamedTuple):
    """Sums over the layers of one resolution.

    Attributes:
        resolution: height and width.
        gain: sum of the layers' gains, those without identity shortcut times :data:`BRIDGE`.
        weight: sum of the weights of these gains; their weighted mean is ``gain / weight``.
        layers: number of layers.
        gates: number of layers with a squeeze-and-excitation of their own.
    """

    resolution: int
    gain: float
    weight: float
    layers: int
    gates: int

    def plus(self, other: "Stage") -> "Stage":
        """Return the sums over both, which have the same resolution."""
        return Stage(
            self.resolution,
            self.gain + other.gain,
            self.weight + other.weight,
            self.layers + other.layers,
            self.gates + other.gates,
        )


class Passage(NamedTuple):
    """A super-block at one resolution.

    Attributes:
        stages: its contribution to each stage that it is part of, in order.
        resolution: height and width of the output.
        rectified: whether the output is that of a relu.
    """

    stages: tuple[Stage, ...]
    resolution: int
    rectified: bool


def passage(block: SuperBlock, resolution: int, rectified: bool) -> Passage:
    """Return the contribution of a block, cached with the block.

    Args:
        block: the block.
        resolution: height and width of the input.
        rectified: whether the input is the output of a relu.
    """
    key = ("stage", resolution, rectified)
    known: Passage | None = block.cache.get(key)
    if known is None:
        stages: list[Stage] = []
        for layer in layers_of(block, resolution, rectified):
            weight = 1.0 if layer.has_identity else BRIDGE
            one = Stage(layer.resolution, weight * layer.gain, weight, 1, int(layer.has_gate))
            resolution, rectified = layer.resolution, layer.rectified
            _append(stages, one)
        known = block.cache[key] = Passage(tuple(stages), resolution, rectified)
    return known


def stages_of(architecture: Architecture, resolution: int) -> list[Stage]:
    """Return the stages of a network, in order.

    The classifier counts as a layer of the last stage in its gain, but not in its depth.

    Args:
        architecture: the network.
        resolution: height and width of the images.
    """
    stages: list[Stage] = []
    rectified = False
    for block in architecture.blocks:
        known: Passage | None = block.cache.get(("stage", resolution, rectified))
        parts, resolution, rectified = known or passage(block, resolution, rectified)
        for part in parts:
            _append(stages, part)
    gain = width_gain(architecture.out_channels, rectified)
    stages[-1] = stages[-1].plus(Stage(resolution, BRIDGE * gain, BRIDGE, 0, 0))
    return stages


def _append(stages: list[Stage], part: Stage) -> None:
    if stages and stages[-1].resolution == part.resolution:
        stages[-1] = stages[-1].plus(part)
    else:
        stages.append(part)
