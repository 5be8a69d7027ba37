"""How far a long look at many files is."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_LINE_EVERY = 10.0
_REDRAW_EVERY = 0.2


def with_progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield the items, and say on stderr how many have passed: in place on a terminal, on a line now and then elsewhere."""
    live = sys.stderr.isatty()
    every, latest = (_REDRAW_EVERY if live else _LINE_EVERY), time.monotonic()
    try:
        for done, item in enumerate(items, start=1):
            yield item
            now = time.monotonic()
            if now - latest >= every:
                latest = now
                print(f"{what}: {done:,} of {total:,}", end="\r" if live else "\n", file=sys.stderr, flush=True)
    finally:
        if live:
            print("\x1b[K", end="", file=sys.stderr, flush=True)
