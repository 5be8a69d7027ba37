"""How fast a training went, as people read it."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.system.numbers import megabytes


def speed_cells(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of what a result says of the speed of a training; nothing for one of an earlier release.

    Args:
        facts: of ``result.json``: ``images_per_second``, ``data_wait`` and ``peak_memory_mb``, each of which may be missing.

    Example:
        >>> speed_cells({"images_per_second": 1619.4, "data_wait": 3.21, "peak_memory_mb": 722.4, "device": "cpu"})
        [('images/s', '1,619'), ('waited for data', '3.2% of the time'), ('peak memory', '722 MB')]
        >>> speed_cells({"images_per_second": 10.0, "peak_memory_mb": 16_000, "device": "cuda:0", "processes": 4})
        [('images/s', '10'), ('peak memory of a GPU', '16,000 MB')]
    """
    rate, wait, memory = (facts.get(name) for name in ("images_per_second", "data_wait", "peak_memory_mb"))
    found = []
    if rate is not None:
        found.append(("images/s", f"{rate:,.0f}"))
    if wait is not None:
        found.append(("waited for data", f"{wait:.1f}% of the time"))
    if memory is not None:
        on_gpu, several = str(facts.get("device", "")).startswith("cuda"), (facts.get("processes") or 1) > 1
        of = " of a GPU" if on_gpu else " of a process" if several else ""
        found.append((f"peak memory{of}", megabytes(1e6 * memory)))
    return found
