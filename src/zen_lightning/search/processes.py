"""Set-up of processes that search or score: their threads, and that they end with their parent."""

import os
import sys
import threading
import time

_POLL = 0.1
"""Seconds between two looks at the parent. A choice: orphans end at once, as people see it."""


def follow_parent(parent: int) -> None:
    """End this process when its parent is gone, since a parent that is killed with SIGKILL cannot end it.

    Args:
        parent: process id of the parent.
    """
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def limit_threads(threads: int | None) -> None:
    """Set the number of torch's threads in this process, even if torch is imported later; None changes nothing."""
    if threads is None:
        return
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)
