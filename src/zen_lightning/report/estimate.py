"""Where a network stands among networks that were trained, as values of a result and as sentences."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.proxy.estimate import OutOfRangeError, estimate_top1

RECIPE = "16 epochs of Accel-NASBench's recipe on ImageNet"
"""Setting of the estimate; a full training reaches more."""

_IN_FULL = "report.html, docs/calibrated_score.md"
"""Where every caution stands, and what they mean."""


def estimate_figures(architecture: BaseArchitecture, resolution: int, num_classes: int) -> dict[str, Any] | None:
    """Return the estimate as a result has it; None where it is outside the range of the trained networks.

    Args:
        architecture: the network.
        resolution: the resolution that it is for.
        num_classes: the number of classes that it is for.

    Example:
        >>> from zen_lightning.arch import parse_architecture
        >>> known = parse_architecture("e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0")
        >>> sorted(estimate_figures(known, 224, 1000))
        ['better_than', 'cautions', 'high', 'low', 'peers', 'recipe', 'top1']
        >>> estimate_figures(known, 32, 10) is None
        True
    """
    try:
        found = estimate_top1(architecture, resolution, num_classes)
    except OutOfRangeError:
        return None
    rounded = {name: round(getattr(found, name), 2) for name in ("top1", "low", "high", "better_than")}
    return {**rounded, "peers": found.peers, "cautions": list(found.cautions), "recipe": RECIPE}


def estimate_lines(figures: Mapping[str, Any]) -> list[str]:
    """Return what :func:`estimate_figures` found as sentences; of several cautions their number, and where they stand in full.

    Example:
        >>> found = {"top1": 62.0, "low": 60.7, "high": 63.3, "better_than": 93.4, "peers": 812, "cautions": []}
        >>> for line in estimate_lines(found | {"recipe": "16 epochs"}):
        ...     print(line)
        estimated top-1 62.0% (90% interval 60.7 to 63.3) after 16 epochs; a full training reaches more
        its calibrated score is higher than that of 93% of the 812 trained networks with the same FLOPs (within 10%)
        >>> print(estimate_lines(found | {"recipe": "16 epochs", "cautions": ["wider", "deeper"]})[-1])
        caution: an extrapolation: the network differs in 2 ways from all trained ones (report.html, docs/calibrated_score.md)
    """
    lines = [
        f"estimated top-1 {figures['top1']:.1f}% (90% interval {figures['low']:.1f} to {figures['high']:.1f}) after "
        f"{figures['recipe']}; a full training reaches more"
    ]
    if figures["peers"]:
        lines.append(
            f"its calibrated score is higher than that of {figures['better_than']:.0f}% of the {figures['peers']:,} trained "
            "networks with the same FLOPs (within 10%)"
        )
    cautions = figures["cautions"]
    if len(cautions) > 1:
        cautions = [f"an extrapolation: the network differs in {len(cautions)} ways from all trained ones ({_IN_FULL})"]
    return lines + [f"caution: {caution}" for caution in cautions]
