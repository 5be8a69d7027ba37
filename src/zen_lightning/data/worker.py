"""Processes that read images for a loader."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any

import torch

from zen_lightning.system.cores import available_cores

_LEFT_TO_PARENT = ("SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""Signals that workers ignore: Ctrl-C and what schedulers send to all processes of a job before they end it."""

_POLL = 0.2
"""Seconds between two looks at the training process. A choice: orphans end at once, as people see it."""

_DIES = 1.0
"""Seconds in which the end of a process whose connection has broken is known. A choice: the kernel takes milliseconds."""


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
    for name in _LEFT_TO_PARENT:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "sigwaitinfo"):
        # Before any thread begins, those of PyTorch too, which would have it unblocked: the system hands it to one of them, and
        # the one that waits for it may get none. What runs then is a handler of the training process, which ends nothing here.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    before, parent = sys.excepthook, _Parent()

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not parent.is_gone:  # Else its connections break, which a thread of Python would report.
            before(kind, error, trace)

    sys.excepthook = hook
    threading.Thread(target=parent.follow, name="follow-parent", daemon=True).start()


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Put off SIGTERM, Ctrl-C and the signals that are left to the parent, while this thread starts processes.

    They are blocked, which processes that are started inherit: a worker that is forked has the parent's handlers, and lives
    for some time before it runs :func:`start_worker`. In this process another thread may take a signal all the same, and its
    handler would raise in the middle of a fork, where Python drops what is raised: it is run afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    names = [name for name in ("SIGTERM", *_LEFT_TO_PARENT) if hasattr(signal, name)]
    with _handled_afterwards(signal.SIGTERM, signal.SIGINT):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {getattr(signal, name) for name in names})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _handled_afterwards(*numbers: signal.Signals) -> Iterator[None]:
    """Run the handlers of signals that come meanwhile when the context ends; outside the main thread there is nothing to do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: signal.signal(number, lambda got, frame: came.append(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for got in dict.fromkeys(came):
            signal.raise_signal(got)


def naming_dead_workers(fetch: Callable[[], Any], workers: Sequence[Any]) -> Callable[[], Any]:
    """Return a function that fetches a batch and says of a worker that was killed that it was.

    Where that happens while it hands over a batch, PyTorch raises whatever the broken connection raised.

    Args:
        fetch: fetches a batch.
        workers: the processes.
    """

    def named() -> Any:
        try:
            return fetch()
        except (EOFError, OSError) as error:
            for process in workers:
                process.join(_DIES / len(workers))
            dead = [process.pid for process in workers if not process.is_alive()]
            if not dead:
                raise
            raise RuntimeError(f"DataLoader worker (pid {dead[0]}) exited unexpectedly") from error

    return named


def worker_failure(error: BaseException) -> str | None:
    """Return what became of the worker of a loader, a phrase, where an error says so; None where it is about something else.

    PyTorch has no class for it: it raises a RuntimeError, in the main thread, wherever that is.

    Example:
        >>> worker_failure(RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed. "))
        'a process that reads images was killed'
        >>> worker_failure(RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that ..."))
        'the shared memory for the processes that read images is full (/dev/shm)'
    """
    text = str(error)
    if not isinstance(error, RuntimeError) or "DataLoader worker" not in text:
        return None
    if "Bus error" in text or "shared memory" in text:
        return "the shared memory for the processes that read images is full (/dev/shm)"
    return "a process that reads images was killed" if "killed by signal" in text or "exited unexpectedly" in text else None


class _Parent:
    """The training process, as one that it has started sees it.

    That it is gone is seen by a pipe, of which other workers that were forked hold the end too, and by who this process was
    forked from, which may be a fork server. Either tells.
    """

    def __init__(self) -> None:
        self._process = multiprocessing.parent_process()
        self._forked_from = os.getppid()

    @property
    def is_gone(self) -> bool:
        """Whether it is."""
        return self._process is not None and (os.getppid() != self._forked_from or not self._process.is_alive())

    def follow(self) -> None:
        """End this process with it; PyTorch looks every five seconds."""
        while self._process is not None:
            wait([self._process.sentinel], _POLL)
            if self.is_gone:
                os._exit(0)


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
