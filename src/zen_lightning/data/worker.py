"""Processes that read images for a loader."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from zen_lightning.cores import available_cores

_LEFT_TO_PARENT = ("SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2")


def auto_workers(processes: int) -> int:
    """Return how many workers a loader has by default: the cores shared among the processes of this machine, 1 to 8."""
    return max(1, min(8, available_cores() // max(processes, 1)))


def start_worker(worker_id: int) -> None:
    """Make a worker one thread, and leave Ctrl-C and the signals of a scheduler to the training process.

    A scheduler that ends a job signals all of its processes; the training process needs its workers until it has saved. When
    that ends a worker, or is gone, the worker ends.
    """
    torch.set_num_threads(1)
    for name in _LEFT_TO_PARENT:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "sigwaitinfo"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=_end_with_parent, daemon=True).start()


@contextmanager
def sigterm_blocked() -> Iterator[None]:
    """Block SIGTERM in this thread, and in processes that it starts meanwhile, for as long as the context lasts."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    while parent is not None:
        if signal.sigwaitinfo({signal.SIGTERM}).si_pid == parent.pid or not parent.is_alive():
            os._exit(0)
