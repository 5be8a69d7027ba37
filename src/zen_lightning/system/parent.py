"""Processes that end with the one that started them, also where that is killed and cannot end them."""

import ctypes
import os
import signal
import sys
import threading
import time
from typing import NamedTuple

_PR_SET_PDEATHSIG = 1
"""Of ``prctl`` (linux/prctl.h): the signal that the kernel sends to a process when the one that started it has ended."""

_POLL = 0.1
"""Seconds between two looks at the parent where the kernel cannot be asked. A choice: orphans end at once, as people see it."""


class Parent(NamedTuple):
    """A process that starts others, as it is told to them.

    Attributes:
        pid: its process id.
        lasts: whether the thread that starts them lives as long as the process. Linux tells a process of the end of the
            *thread* that started it.
    """

    pid: int
    lasts: bool = False


def this_process() -> Parent:
    """Return this process, for :func:`end_with` in those that this thread starts."""
    return Parent(os.getpid(), threading.current_thread() is threading.main_thread())


def end_with(parent: Parent) -> None:
    """End this process when its parent is gone.

    On Linux the kernel sends SIGKILL, whatever this process is doing. Elsewhere, and where a thread started it that may end
    before its process, a thread looks for the parent, which code that holds Python's lock can delay.

    Args:
        parent: what :func:`this_process` returned where this process was started.
    """
    asked = parent.lasts and _ask_kernel()
    if os.getppid() != parent.pid:  # It has ended before it was asked for.
        os._exit(1)
    if not asked:
        threading.Thread(target=_follow, args=(parent.pid,), name="follow-parent", daemon=True).start()


def _ask_kernel() -> bool:
    """Have the kernel kill this process when the thread that started it ends; return whether it will."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return int(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)) == 0
    except (OSError, AttributeError):  # A Linux whose C library has no such function, or cannot be loaded.
        return False


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)
