"""Set-up of processes that search or score: their threads, and that they end with their parent."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from zen_lightning.errors import UserError

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


@contextmanager
def executor_of(processes: int, threads: int | None = None) -> Iterator[Executor]:
    """Give an executor whose processes end at once where its caller is interrupted, fails, or is killed.

    ``ProcessPoolExecutor`` itself waits for what they are working on, which may take minutes.

    Args:
        processes: how many.
        threads: see :func:`limit_threads`.

    Raises:
        UserError: one of them was killed.
    """
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(processes, context, _begin, (os.getpid(), threads))
    try:
        yield executor
    except BrokenProcessPool:
        # What a script gets whose processes begin by running the script again; there is no telling that from a kill.
        remedy = (
            "start it again with {processes}=1, which needs less memory; in a script, search below: if __name__ == '__main__':"
        )
        raise UserError("a process beside the search was killed", key="processes", remedy=remedy) from None
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _begin(parent: int, threads: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A terminal sends it to all processes; the parent ends this one.
    follow_parent(parent)
    limit_threads(threads)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)
