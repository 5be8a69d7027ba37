"""Processes that search or score: their threads, and an executor that ends with its caller."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from zen_lightning.errors import UserError
from zen_lightning.system.limits import require_processes
from zen_lightning.system.parent import Parent, end_with, this_process
from zen_lightning.system.tracker import start_tracker

_THREADS = 1
"""Threads of a process of an executor beside those that compute, measured."""


def limit_threads(threads: int | None) -> None:
    """Set the number of torch's threads in this process, even if torch is imported later; None changes nothing."""
    if threads is None:
        return
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)


def startable(processes: int) -> int:
    """Return how many processes can work at a time: as many as asked for; 1, this one, where none can share memory here.

    That is so where ``/dev/shm`` is full, or may not be written.

    Args:
        processes: how many are asked for.
    """
    if processes <= 1:
        return 1
    start_tracker()
    try:
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")).shutdown()  # It makes its semaphores, and no process yet.
    except OSError:
        return 1
    return processes


@contextmanager
def executor_of(processes: int, threads: int | None = None) -> Iterator[Executor]:
    """Give an executor whose processes end at once where its caller is interrupted, fails, or is killed.

    ``ProcessPoolExecutor`` itself waits for what they are working on, which may take minutes.

    Args:
        processes: how many.
        threads: see :func:`limit_threads`.

    Raises:
        UserError: one of them was killed, or a limit does not allow so many.
    """
    require_processes(processes, _THREADS + (threads or 1))
    before = set(multiprocessing.active_children())
    start_tracker()
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(processes, context, _begin, (this_process(), threads))
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


def _begin(parent: Parent, threads: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A terminal sends it to all processes; the parent ends this one.
    end_with(parent)
    limit_threads(threads)
