"""The number of cores and threads that a process may use."""

import os

from zen_lightning.errors import UserError

SHARE = "ZEN_LIGHTNING_CORES"
"""Environment variable that limits the number of cores that a process may use."""

_OPENMP = "OMP_NUM_THREADS"
"""Environment variable with the number of threads of PyTorch on the CPU; after a comma, those of nested parts of OpenMP."""

_MOST_DIGITS = 9
"""Of a number of threads. A choice: no machine starts so many."""


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    share = os.environ.get(SHARE, "")
    return min(cores, int(share)) if _is_count(share) else cores


def require_thread_number() -> None:
    """Raise a UserError where ``OMP_NUM_THREADS`` is no number of threads; call it before PyTorch is imported.

    The library that reads it would print a line of its own, and take all cores. An empty one is removed: it means none.
    """
    text = os.environ.get(_OPENMP)
    if text is None:
        return
    if not text.strip():
        del os.environ[_OPENMP]
    elif not all(map(_is_count, text.split(","))):
        raise UserError(f"{_OPENMP}={text} in the environment", expected="a number of threads, 1 or more", remedy="or unset it")


def _is_count(text: str) -> bool:
    digits = text.strip()
    return digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS and int(digits) > 0
