"""The number of cores that a process may use."""

import os

SHARE = "ZEN_LIGHTNING_CORES"
"""Environment variable that limits the number of cores that a process may use."""


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    share = os.environ.get(SHARE, "")
    return min(cores, int(share)) if share.isdigit() and int(share) > 0 else cores
