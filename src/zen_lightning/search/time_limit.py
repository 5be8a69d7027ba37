"""A limit on the time of what is computed, noticed at the points of a long computation that ask for it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)


class TimeIsUpError(Exception):
    """The time of a computation is up."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Let :func:`check_time` raise from so many seconds on; of limits within each other the earliest counts.

    Args:
        seconds: from now on; None for no limit.

    Example:
        >>> with time_limit(0):
        ...     check_time()
        Traceback (most recent call last):
        zen_lightning.search.time_limit.TimeIsUpError
    """
    ends = math.inf if seconds is None else monotonic() + seconds
    token = _ends.set(min(ends, _ends.get()))
    try:
        yield
    finally:
        _ends.reset(token)


def check_time() -> None:
    """Raise a TimeIsUpError where the time is up: long computations call it every second or more often."""
    if monotonic() >= _ends.get():
        raise TimeIsUpError


def share_of(seconds: float | None, jobs: int, at_a_time: int) -> float | None:
    """Return the time that each of several jobs has.

    Args:
        seconds: of all jobs; None for no limit.
        jobs: how many.
        at_a_time: how many of them run at the same time.

    Example:
        >>> share_of(60, 16, 2), share_of(60, 1, 2)
        (7.5, 60.0)
    """
    return None if seconds is None else seconds / math.ceil(jobs / at_a_time)


def seconds_of(minutes: float | None) -> float | None:
    """Return minutes in seconds; None stays None."""
    return None if minutes is None else 60 * minutes
