"""The weights of the calibrated score: ``calibration.json``, which benchmarks/calibrated_score.py writes."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

DEPTH_RATIO = 0.7
"""Worth of a further layer of a stage relative to the layer before it. Chosen on the part of Accel-NASBench set aside for
choices (benchmarks/calibrated_score.py), where 0.6 to 0.85 are equally good. The sum over any number of layers is below
1 / (1 - 0.7)."""

LARGE_FROM = 128
"""Lowest resolution at which the weights fitted on ImageNet at 224 px are the default; below it, those for small images. A
choice: between the 32 px of the benchmarks of small images and the 224 px of the fit; nothing in between was measured."""


class Weights(NamedTuple):
    """One set of weights, in points of top-1 for ``imagenet``. The last number of each tuple belongs to the last stage.

    Attributes:
        name: ``imagenet`` or ``small``.
        width: for each stage, the weight of its mean gain.
        depth: for each stage, the worth of its first layer; each further layer is worth DEPTH_RATIO times the one before.
        gate: for each stage, the worth of squeeze-and-excitation in all of its layers.
        constant: added to every score.
    """

    name: str
    width: tuple[float, ...]
    depth: tuple[float, ...]
    gate: tuple[float, ...]
    constant: float


@lru_cache(1)
def calibration() -> dict[str, Any]:
    """Return all of ``calibration.json``."""
    found: dict[str, Any] = json.loads(files("zen_lightning.proxy").joinpath("calibration.json").read_text())
    return found


def weight_sets() -> list[str]:
    """Return the names of the sets of weights."""
    return list(calibration()["weights"])


def weights(name: str) -> Weights:
    """Return a set of weights by its name, one of :func:`weight_sets`.

    Example:
        >>> len(weights("imagenet").width)
        5
    """
    entry = calibration()["weights"][name]
    return Weights(name, tuple(entry["width"]), tuple(entry["depth"]), tuple(entry["gate"]), entry["constant"])


def depth_worth(layers: int) -> float:
    """Return the worth of the depth of a stage: 1 for the first layer, and DEPTH_RATIO times the last one for each further
    layer.

    Example:
        >>> round(depth_worth(1), 3), round(depth_worth(3), 3)
        (1.0, 2.19)
    """
    return (1 - DEPTH_RATIO**layers) / (1 - DEPTH_RATIO)
