"""How many cores there are."""

import os

SHARE = "ZEN_LIGHTNING_CORES"
"""Environment variable with the number of cores that a process may take for its own, fewer than there are."""


def available_cores() -> int:
    """Return how many cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    share = os.environ.get(SHARE, "")
    return min(cores, int(share)) if share.isdigit() and int(share) > 0 else cores
