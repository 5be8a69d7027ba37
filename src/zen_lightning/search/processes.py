"""What processes that search or score have in common: how many threads, and that they end with their parent."""

import os
import sys
import threading
import time

_POLL = 0.1


def follow_parent(parent: int) -> None:
    """End this process when its parent is gone: a parent killed with -9 tells nobody.

    Args:
        parent: id of the process that started this one.
    """
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def limit_threads(threads: int | None) -> None:
    """Let torch use this many threads in this process, now or once it is imported; None leaves torch alone."""
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
