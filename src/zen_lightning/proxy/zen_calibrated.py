"""The terms of the Zen-score, weighted by a fit to accuracies of trained networks. Pure Python.

Fitted on ImageNet accuracies of Accel-NASBench (https://arxiv.org/abs/2404.08005); docs/calibrated_score.md describes the fit.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.calibration import LARGE_FROM, Weights, depth_worth, weight_sets, weights
from zen_lightning.proxy.checks import check_counts, refuse_foreign_parts
from zen_lightning.proxy.stages import Stage, stages_of
from zen_lightning.system.value_types import Pixels

_DEPTHS = tuple(depth_worth(layers) for layers in range(200))
"""Worths of common depths, computed once; deeper stages are computed when they come up."""


class ZenCalibrated(Proxy):
    """A sum over stages, a stage being the layers between two down-samplings.

        width_s * (mean gain of its layers) + depth_s * (1 + r + r^2 + ..., one term for each layer) + gate_s * (share with SE)

    plus the sum of all ``width_s`` times ln of the last feature map's height. A layer's gain is the Zen-score's, running
    reading: the sum over its convolutions of 1/2 ln(0.81 + 0.19 v). Stages are counted from the last one; with other than
    five of them the ``width_s`` are scaled so that their sum is the same.

    Args:
        resolution: height and width of the images.
        weights: ``imagenet``, fitted at 224 px: a difference is in points of top-1 after 16 epochs, where accuracy does not
            saturate yet (:func:`~zen_lightning.proxy.estimate.estimate_top1` bends it); ``small``, all stages alike, in nats;
            or ``auto``: imagenet from 128 px on, small below.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)")
        >>> deeper = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,2)")
        >>> proxy = ZenCalibrated(resolution=32)
        >>> proxy.score(arch).value < proxy.score(deeper).value
        True
    """

    name = "zen_calibrated"
    cheap = True

    def __init__(self, resolution: Pixels = 224, weights: str = "auto") -> None:
        check_counts({"resolution": resolution})
        self.resolution = resolution
        self.weights = weights
        self.chosen = choose_weights(weights, resolution)

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score; there is no noise, so ``seed`` changes nothing.

        Raises:
            CannotScoreError: the architecture is not a row of super-blocks.
        """
        if not isinstance(architecture, Architecture):
            kind = type(architecture).__name__
            raise CannotScoreError(
                f"the calibrated score is of rows of super-blocks, not of a {kind}", remedy="use another proxy"
            )
        refuse_foreign_parts(architecture, "the calibrated score")
        return Score(worth(stages_of(architecture, self.resolution), self.chosen), 0.0)


def choose_weights(name: str, resolution: int) -> Weights:
    """Return a set of weights by its name or, with ``auto``, by the resolution.

    Raises:
        UserError: no set has that name.
    """
    names = weight_sets()
    if name == "auto":
        name = "imagenet" if resolution >= LARGE_FROM else "small"
    elif name not in names:
        raise UserError(key="weights", value=name, choices=["auto", *names])
    return weights(name)


class Aligned(NamedTuple):
    """Weights of the stages of a network, in order.

    Attributes:
        width: of the mean gains, before scaling.
        depth: see :class:`~zen_lightning.proxy.calibration.Weights`.
        gate: see there.
        total: sum of ``width``.
        full: sum of the widths of the five stages of the fit; mean gains are scaled by ``full / total``.
    """

    width: tuple[float, ...]
    depth: tuple[float, ...]
    gate: tuple[float, ...]
    total: float
    full: float


@lru_cache(64)
def aligned(chosen: Weights, stages: int) -> Aligned:
    """Return the weights of a network of so many stages, the last stage taking the last weight."""
    missing = len(chosen.width) - stages
    rows = chosen.width, chosen.depth, chosen.gate
    if missing > 0:
        rows = rows[0][missing:], rows[1][missing:], rows[2][missing:]
    elif missing < 0:
        # Stages before the fifth from the end weigh as the fifth does.
        width, depth, gate = ((row[0],) * -missing + row for row in rows)
        rows = width, depth, gate
    return Aligned(*rows, sum(rows[0]), sum(chosen.width))


def worth(stages: Sequence[Stage], chosen: Weights) -> float:
    """Return the score of a network from its stages.

    Args:
        stages: in order.
        chosen: the weights.
    """
    width, depth, gate, total, full = aligned(chosen, len(stages))
    mean = value = 0.0
    for stage, of_width, of_depth, of_gate in zip(stages, width, depth, gate, strict=True):
        layers = stage.layers
        mean += of_width * stage.gain / stage.weight
        value += of_depth * (_DEPTHS[layers] if layers < len(_DEPTHS) else depth_worth(layers))
        if stage.gates:
            value += of_gate * stage.gates / layers
    return chosen.constant + value + full * (mean / total + math.log(stages[-1].resolution))
