"""Processes that read images for a loader."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch

from zen_lightning.system.cores import available_cores

_LEFT_TO_PARENT = ("SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""Signals that workers ignore: Ctrl-C and what schedulers send to all processes of a job before they end it."""


def auto_workers(processes: int, environment: Mapping[str, str] = os.environ) -> int:
    """Return how many workers a loader has by default: the cores that are this training process's own, at least 1.

    The cores that this process may use are shared among the training processes of this machine, which Lightning and torchrun
    start with the same affinity. A task of a SLURM job has its own: those of its ``--cpus-per-task``, or those that it is bound
    to; only a job that gives tasks neither shares the node's among them.

    Args:
        processes: training processes on this machine.
        environment: variables of this process.

    Example:
        >>> auto_workers(8, {"SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_CPUS_PER_TASK": "1"})
        1
    """
    cores = available_cores()
    if _is_task_of_many(environment):
        own, node = (_number(environment, name) for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"))
        if own is not None:
            return max(1, min(cores, own))
        if node is not None and cores < node:  # Bound to cores of its own.
            return cores
    return max(1, cores // max(processes, 1))


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


def _is_task_of_many(environment: Mapping[str, str]) -> bool:
    """Whether srun started this process and others; torchrun, in a task, starts processes that share the task's cores."""
    tasks = _number(environment, "SLURM_NTASKS") or 1
    return "SLURM_PROCID" in environment and "TORCHELASTIC_RUN_ID" not in environment and tasks > 1


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "")
    return int(text) if text.isdigit() and int(text) > 0 else None
