"""Python's cycle collector, off for a while."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

_LONG = 0.5
"""Seconds after which it pays to ask whether anything is frozen, which counts all that is: milliseconds in a large process."""


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause Python's cycle collector, which would walk all cached blocks again and again; the search makes no cycles.

    Example:
        >>> with paused_collector():
        ...     gc.isenabled()
        False
    """
    was_enabled, begun = gc.isenabled(), time.monotonic()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # What was made meanwhile counts as old at once: a walk over all of it takes a twentieth of a search.
            if time.monotonic() - begun > _LONG and not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
