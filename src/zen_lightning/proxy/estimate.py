"""An estimate of accuracy from the calibrated score, and the range in which it holds."""

import csv
import gzip
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.calibration import calibration, weights
from zen_lightning.proxy.stages import Stage, stages_of
from zen_lightning.proxy.zen_calibrated import worth

SAME_COST = 0.10
"""Networks whose FLOPs differ by at most this share have the same cost. A choice: benchmarks/correlate_truth.py compares
networks of equal FLOPs within the same share."""

_KINDS = ("MBConv", "SuperConv")


class OutOfRangeError(UserError):
    """No estimate is possible for this network; the message says why."""


class Top1Estimate(NamedTuple):
    """ImageNet top-1 after the 16 epochs of Accel-NASBench's recipe, which is lower than after a full training.

    Attributes:
        top1: the estimate, in percent.
        low: lower end of the interval; 5% of the networks that had no part in the fit lie below it.
        high: upper end of the interval; 5% lie above it.
        better_than: percent of the known networks of the same cost that have a lower score.
        peers: number of known networks of the same cost.
        cautions: a sentence for each way in which the network differs from all trained ones.
    """

    top1: float
    low: float
    high: float
    better_than: float
    peers: int
    cautions: tuple[str, ...]


class KnownNetwork(NamedTuple):
    """A network of Accel-NASBench, trained for 16 epochs.

    Attributes:
        flops: multiply-adds at 224 px.
        score: the calibrated score.
        top1: its accuracy in percent.
    """

    flops: int
    score: float
    top1: float


def estimate_top1(architecture: BaseArchitecture, resolution: int = 224, num_classes: int = 1000) -> Top1Estimate:
    """Return the estimate for a network.

    Args:
        architecture: a row of super-blocks of five stages.
        resolution: height and width of the images; only 224 is possible.
        num_classes: number of classes; only 1000 is possible.

    Raises:
        OutOfRangeError: the network is outside the range of the fit.

    Example:
        >>> from zen_lightning.arch import parse_architecture
        >>> found = estimate_top1(parse_architecture("e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0"))
        >>> found.low < found.top1 < found.high, found.cautions
        (True, ())
    """
    range_ = calibration()["estimate"]
    if (resolution, num_classes) != (range_["resolution"], range_["num_classes"]):
        raise OutOfRangeError(
            f"the estimate is of ImageNet top-1 at {range_['resolution']} px with {range_['num_classes']} classes, "
            f"not at {resolution} px with {num_classes}"
        )
    if not isinstance(architecture, Architecture):
        raise OutOfRangeError(f"the estimate is of rows of super-blocks, not of a {type(architecture).__name__}")
    if architecture.foreign_part is not None:
        raise OutOfRangeError(f"the estimate is of rows of super-blocks; this network has {architecture.foreign_part.text}")
    flops = architecture.flops(resolution, num_classes)
    least, most = range_["flops"]
    if not least <= flops <= most:
        shown = f"{least / 1e6:.0f}M to {most / 1e6:.0f}M"
        raise OutOfRangeError(f"the networks of the estimate have {shown} FLOPs; this one has {flops / 1e6:.0f}M")
    stages = stages_of(architecture, resolution)
    if len(stages) != len(range_["most_layers"]):
        raise OutOfRangeError(
            f"the networks of the estimate have {len(range_['most_layers'])} stages; this one has {len(stages)}"
        )
    value = worth(stages, weights("imagenet"))
    scores = _scores_near(flops)
    below = bisect_left(scores, value) / len(scores) if scores else 0.0
    low, high = range_["error"]
    top1 = on_curve(value, range_["curve"])
    return Top1Estimate(
        top1, top1 + low, top1 + high, 100 * below, len(scores), (*_foreign(architecture), *_beyond(stages, range_))
    )


def on_curve(score: float, curve: Sequence[float]) -> float:
    """Return top-1 for a score, on a curve that saturates as accuracy does.

    Args:
        score: the calibrated score with the weights ``imagenet``.
        curve: ceiling, a and b of ``ceiling - exp(a - b score)``.
    """
    ceiling, start, slope = curve
    return ceiling - math.exp(start - slope * score)


@lru_cache(1)
def known_networks() -> tuple[KnownNetwork, ...]:
    """Return the networks of the fit, sorted by FLOPs: Accel-NASBench, Apache-2.0, https://arxiv.org/abs/2404.08005."""
    packed = files("zen_lightning.proxy").joinpath("known_networks.csv.gz").read_bytes()
    rows = csv.DictReader(gzip.decompress(packed).decode().splitlines())
    return tuple(KnownNetwork(int(row["flops"]), float(row["score"]), float(row["top1"])) for row in rows)


def _scores_near(flops: int) -> list[float]:
    known = known_networks()
    costs = [network.flops for network in known]
    start, stop = bisect_left(costs, flops / (1 + SAME_COST)), bisect_right(costs, flops * (1 + SAME_COST))
    return sorted(network.score for network in known[start:stop])


def _foreign(architecture: Architecture) -> list[str]:
    names = sorted({block.name for block in architecture.blocks if not block.name.startswith(_KINDS)})
    if not names:
        return []
    return [f"the score was fitted on MBConv networks; for {', '.join(names)} it is an extrapolation"]


def _beyond(stages: list[Stage], range_: dict[str, Any]) -> list[str]:
    found = []
    for stage, most, narrow, wide in zip(stages, range_["most_layers"], *range_["gain"], strict=True):
        where = f"the stage at {stage.resolution} x {stage.resolution}"
        if stage.layers > most:
            counted = f"{stage.layers} layers (residual units and convolutions)"
            found.append(f"{where} has {counted}; no trained network of the fit has more than {most}")
        mean = stage.gain / stage.weight
        if not narrow <= mean <= wide:
            side, known = ("wider", f"at most {wide:.2f}") if mean > wide else ("narrower", f"at least {narrow:.2f}")
            compared = f"mean gain of its layers {mean:.2f}, in trained networks {known}"
            found.append(f"{where} is {side} than in any trained network of the fit ({compared})")
    return found
