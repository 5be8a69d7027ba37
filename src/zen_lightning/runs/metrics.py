"""Metrics of a ``result.json``, by name."""

import math
from typing import Any


def metric(result: Any, name: str) -> float | None:
    """Return a metric of a ``result.json``; None where there is none, or one that is not a finite number.

    Example:
        >>> metric({"val_top1": 96.2, "stages": [{"layers": 4}]}, "stages.0.layers")
        4.0
    """
    node = result
    for part in name.split("."):
        if isinstance(node, dict):
            node = node.get(part)
        elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            return None
    is_number = isinstance(node, int | float) and not isinstance(node, bool) and math.isfinite(node)
    return float(node) if is_number else None


def metric_names(result: dict[str, Any]) -> list[str]:
    """Return the metrics that stand at the top of a ``result.json``."""
    return [name for name in result if metric(result, name) is not None]
