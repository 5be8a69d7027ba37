"""SIGTERM for what keeps all that it has done as it goes: it says how to go on, and ends as it would have ended."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from zen_lightning.system.signal_watch import TERMINATED, Watch, in_main_thread, tell

_GRACE = 2.0
"""Seconds until a process ends whose main thread does not come back to Python. A choice: Docker kills after 10."""

_words: Callable[[], str] | None = None
"""What gives the last words, while there are any to be said."""


@contextmanager
def last_words(words: Callable[[], str]) -> Iterator[None]:
    """Write a line to stderr at SIGTERM while the context lasts, before the process is ended by it as it would be without.

    Where another handler is installed, and outside the main thread, this does nothing; processes that are forked meanwhile end
    without a word.

    Args:
        words: gives the line; called when the signal has come.
    """
    global _words
    if not sigterm_is_free() or _watch.is_installed:
        yield
        return
    _words = words
    _watch.install()
    try:
        yield
    finally:
        _words = None
        _watch.uninstall()
        _watch.stop()  # Where another handler was left.


def sigterm_is_free() -> bool:
    """Return whether SIGTERM would end this process at once, with or without last words, and this thread may change that."""
    return in_main_thread() and (_watch.is_installed or signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)


def _tell() -> None:
    global _words
    words, _words = _words, None
    if words is not None:
        tell(f"\n{words()}")


def _end(signum: int, frame: FrameType | None) -> None:
    _tell()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


_watch = Watch(_end, TERMINATED, _GRACE, _tell, yields=True)
