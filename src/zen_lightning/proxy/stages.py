"""Stages of a network: what lies between two changes of resolution. Sums over its layers, which add up block by block."""

from typing import NamedTuple

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.proxy.layers import layers_of, width_gain

BRIDGE = 3.0
"""How much more the width of a layer without identity shortcut weighs: everything has to pass through it. Chosen on the part of
Accel-NASBench set aside for choices (benchmarks/calibrated_score.py); anything from 2 to 5 is as good."""


class Stage(NamedTuple):
    """Sums over the layers of one resolution.

    Attributes:
        resolution: height and width.
        gain: sum of the layers' gains, those without identity shortcut :data:`BRIDGE` times.
        weight: of these gains: their weighted mean is ``gain / weight``.
        layers: how many.
        gates: layers with a squeeze-and-excitation of their own.
    """

    resolution: int
    gain: float
    weight: float
    layers: int
    gates: int

    def plus(self, other: "Stage") -> "Stage":
        """Return both together; the resolution is that of both."""
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
        stages: what it adds to each stage that it is part of, in order.
        resolution: height and width of what leaves.
        rectified: whether what leaves passed a relu.
    """

    stages: tuple[Stage, ...]
    resolution: int
    rectified: bool


def passage(block: SuperBlock, resolution: int, rectified: bool) -> Passage:
    """Return what a block adds; it is remembered with the block.

    Args:
        block: the block.
        resolution: height and width of what arrives.
        rectified: whether what arrives passed a relu.
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

    The classifier is a layer of the last stage as far as its width goes, and none as far as depth goes.

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
