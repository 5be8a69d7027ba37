"""The weights of the calibrated score: ``calibration.json``, which benchmarks/calibrated_score.py writes."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

DEPTH_RATIO = 0.7
"""What a further layer of a stage is worth relative to the one before it. Chosen on the part of Accel-NASBench set aside for
choices, where 0.6 to 0.85 are equally good; a sum over any number of layers stays below 1 / (1 - 0.7) = 3.3."""

LARGE_FROM = 128
"""Resolution from which the weights fitted on ImageNet at 224 px are the default; below, those for small images."""


class Weights(NamedTuple):
    """One set of weights, in points of top-1 for ``imagenet``. The last number of each belongs to a network's last stage.

    Attributes:
        name: ``imagenet`` or ``small``.
        width: for each stage, what its mean gain is worth.
        depth: for each stage, what its first layer is worth in depth; the next DEPTH_RATIO times that.
        gate: for each stage, what squeeze-and-excitation in all of its layers is worth.
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
    """Return what the depth of a stage is worth: 1 for the first layer, DEPTH_RATIO times less for each further one.

    Example:
        >>> round(depth_worth(1), 3), round(depth_worth(3), 3)
        (1.0, 2.19)
    """
    return (1 - DEPTH_RATIO**layers) / (1 - DEPTH_RATIO)
