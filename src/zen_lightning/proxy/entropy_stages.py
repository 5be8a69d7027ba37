"""Terms of the entropies of TinyNAS and DeepMAD: sums over all convolutions up to the end of each stage."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.proxy.base import CannotScoreError, Scorable
from zen_lightning.proxy.checks import refuse_foreign_parts
from zen_lightning.proxy.layers import LINEAR, RECTIFIED

STAGE_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 8.0)
"""Weights of the five stages of a classifier, the last one last: https://arxiv.org/abs/2303.02165, Section 4."""


class Sums(NamedTuple):
    """Sums over consecutive convolutions with one output resolution.

    Attributes:
        resolution: height and width of the output.
        channels: output channels of the last.
        convolutions: number of convolutions.
        log_width: sum of ln of their fan-in, taps included: in channels * k^2 / groups.
        log_deviation: sum of 1/2 ln of the variance of their outputs, with normalised inputs.
    """

    resolution: int
    channels: int
    convolutions: int
    log_width: float
    log_deviation: float

    def then(self, other: "Sums") -> "Sums":
        """Return the sums over both, in a row."""
        return Sums(
            other.resolution,
            other.channels,
            self.convolutions + other.convolutions,
            self.log_width + other.log_width,
            self.log_deviation + other.log_deviation,
        )


def cumulative_stages(architecture: Scorable, resolution: int, name: str) -> list[Sums]:
    """Return, for each stage, the sums over all convolutions of the vanilla twin up to its end.

    Args:
        architecture: a row of super-blocks.
        resolution: height and width of the images.
        name: name of the proxy, for the error.

    Raises:
        CannotScoreError: the architecture is not a row of super-blocks.
    """
    if not isinstance(architecture, Architecture):
        kind = type(architecture).__name__
        raise CannotScoreError(f"{name} is a closed form of rows of super-blocks, not of a {kind}", remedy="use another proxy")
    refuse_foreign_parts(architecture, name, "use another proxy")
    rectified, total = False, Sums(resolution, 0, 0, 0.0, 0.0)
    stages: list[Sums] = []
    for block in architecture.blocks:
        parts, rectified = block.cache.get(("entropy", total.resolution, rectified)) or _sums(
            block, total.resolution, rectified
        )
        for part in parts:
            if stages and part.resolution == total.resolution:
                stages.pop()
            total = total.then(part)
            stages.append(total)
    return stages


def weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted sum of one value for each stage, aligned at the last; stages without a weight take the first one.

    Example:
        >>> weighted([1.0, 2.0], (1, 1, 8)), weighted([5.0, 1.0, 2.0], (1, 8))
        (17.0, 22.0)
    """
    return float(sum(weight * value for weight, value in zip(aligned_weights(len(values), weights), values, strict=True)))


def aligned_weights(stages: int, weights: Sequence[float]) -> tuple[float, ...]:
    """Return the weight of each of so many stages, as :func:`weighted` counts them.

    Example:
        >>> aligned_weights(3, (1, 8)), aligned_weights(1, (1, 8))
        ((1, 1, 8), (8,))
    """
    missing = stages - len(weights)
    return (weights[0],) * missing + tuple(weights) if missing > 0 else tuple(weights)[-missing:]


def _sums(block: SuperBlock, resolution: int, rectified: bool) -> tuple[tuple[Sums, ...], bool]:
    key = ("entropy", resolution, rectified)
    parts: list[Sums] = []
    for conv in (conv for unit in block.units for conv in unit.backbone):
        width = conv.fan_in * conv.kernel_size**2
        variance = width * (RECTIFIED if rectified or conv.relu_first else LINEAR)
        resolution, rectified = conv.output_size(resolution), conv.relu
        one = Sums(resolution, conv.out_channels, 1, math.log(width), 0.5 * math.log(variance))
        if parts and parts[-1].resolution == resolution:
            one = parts.pop().then(one)
        parts.append(one)
    found = block.cache[key] = tuple(parts), rectified
    return found
