"""Progress of reading many files."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_LINE_EVERY = 10.0
_REDRAW_EVERY = 0.2


def with_progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield the items, and show on stderr how many are done, how many a second, and how long the rest will take.

    On a terminal one line is redrawn; elsewhere a line is written every ten seconds.
    """
    live = sys.stderr.isatty()
    every, began = (_REDRAW_EVERY if live else _LINE_EVERY), time.monotonic()
    latest = began
    try:
        for done, item in enumerate(items, start=1):
            yield item
            now = time.monotonic()
            if now - latest >= every:
                latest = now
                line = progress_line(what, done, total, now - began)
                print(f"{line}\x1b[K" if live else line, end="\r" if live else "\n", file=sys.stderr, flush=True)
    finally:
        if live:
            print("\x1b[K", end="", file=sys.stderr, flush=True)


def progress_line(what: str, done: int, total: int, seconds: float) -> str:
    """Return a line of progress.

    Example:
        >>> progress_line("checked", 30_000, 1_281_167, 20)
        'checked: 30,000 of 1,281,167, 1,500 a second, 14 min left'
    """
    rate = done / seconds
    left = (total - done) / rate
    time_left = f"{left:.0f} s" if left < 120 else f"{left / 60:.0f} min" if left < 7200 else f"{left / 3600:.1f} h"
    return f"{what}: {done:,} of {total:,}, {rate:,.0f} a second, {time_left} left"
