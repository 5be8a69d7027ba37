"""File names and texts of costs."""

import re
from collections.abc import Sequence

from zen_lightning.system.numbers import short_count

_SIZES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_UNIT_FROM = 10
_MOST_DECIMALS = 6
_DIGITS = 4
_COUNTS = ("flops", "params")


def cost_names(objective: str, costs: Sequence[float]) -> list[str]:
    """Return a name for each of several costs, such that they sort by name as they do by cost.

    Args:
        objective: what is counted; FLOPs and parameters get a suffix.
        costs: all different.

    Example:
        >>> cost_names("flops", [38_214_000, 250_300_000, 598_000_000])
        ['flops_0038M', 'flops_0250M', 'flops_0598M']
        >>> cost_names("latency_ms", [0.081, 0.34])
        ['latency_ms_00.1', 'latency_ms_00.3']
    """
    size, suffix = 1.0, ""
    if objective in _COUNTS:
        size, suffix = next((size, suffix) for size, suffix in _SIZES if max(costs) >= _UNIT_FROM * size or size == 1)
    for decimals in range(_MOST_DECIMALS + 1):
        texts = [f"{cost / size:.{decimals}f}" for cost in costs]
        if len(set(texts)) == len(texts):
            break
    width = max(_DIGITS, max(map(len, texts)))
    return [f"{objective}_{text.rjust(width, '0')}{suffix}" for text in texts]


def cost_text(objective: str, cost: float) -> str:
    """Return a cost as it is read.

    Example:
        >>> cost_text("flops", 250_300_000), cost_text("latency_ms", 0.0812)
        ('250M', '0.0812')
    """
    return short_count(cost) if objective in _COUNTS else f"{cost:.4g}"


def tick_text(objective: str, cost: float) -> str:
    """Return a round cost as the axis of a plot says it.

    Example:
        >>> tick_text("flops", 5e7)
        '50M'
    """
    return re.sub(r"\.0+(?!\d)", "", cost_text(objective, cost))


def cost_label(objective: str, resolution: int) -> str:
    """Return what an axis of a plot says.

    Example:
        >>> cost_label("flops", 224)
        'FLOPs (multiply-adds, 224 px)'
    """
    known = {
        "flops": f"FLOPs (multiply-adds, {resolution} px)",
        "params": "parameters",
        "latency_ms": "latency (milliseconds an image)",
    }
    return known.get(objective, objective)
