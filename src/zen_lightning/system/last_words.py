"""SIGTERM for what keeps all that it has done as it goes: it says how to go on, and ends as it would have ended."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from zen_lightning.system.signal_watch import TERMINATED, Watch, in_main_thread, tell

_GRACE = 2.0
"""Seconds until a process ends whose main thread does not come back to Python. A choice: Docker kills after 10."""

_said: list[Callable[[], str]] = []
"""What gives the last words, while there are any; the innermost last."""


@contextmanager
def last_words(words: Callable[[], str]) -> Iterator[None]:
    """Write a line to stderr at SIGTERM while the context lasts, before the process is ended by it as it would be without.

    Where another handler is installed, and outside the main thread, this does nothing; processes that are forked meanwhile end
    without a word.

    Args:
        words: gives the line; called when the signal has come.
    """
    if not sigterm_is_free() or _said:
        yield
        return
    if hasattr(os, "register_at_fork") and not _hooked:
        os.register_at_fork(after_in_child=_as_forked)
        _hooked.append(True)
    _said.append(words)
    signal.signal(signal.SIGTERM, _end)
    _watch.start()
    try:
        yield
    finally:
        _said.clear()
        if _is_ours():
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _watch.stop()


def sigterm_is_free() -> bool:
    """Return whether SIGTERM would end this process at once, with or without last words, and this thread may change that."""
    return in_main_thread() and (_is_ours() or signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)


def _is_ours() -> bool:
    return signal.getsignal(signal.SIGTERM) is _end


def _tell() -> None:
    while _said:
        tell(f"\n{_said.pop()()}")


def _end(signum: int, frame: FrameType | None) -> None:
    _tell()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _as_forked() -> None:
    if _is_ours():
        _said.clear()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _watch.forget()


_watch = Watch(TERMINATED, _GRACE, _tell, _is_ours)
_hooked: list[bool] = []
