"""A second process that imports what the end of a search needs, while the loop runs in this one."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from importlib import import_module
from types import TracebackType
from typing import Any, Self, TypeVar

from zen_lightning.errors import UserError
from zen_lightning.system.limits import require_processes
from zen_lightning.system.parent import Parent, end_with, this_process
from zen_lightning.system.tracker import start_tracker

T = TypeVar("T")

_THREADS = 4
"""Threads of the process, and of the executor in this one, measured."""


class Ahead:
    """Calls functions in a process that has imported some modules already; use it as a context manager.

    Without a process, or where that has died, functions are called in this one: the results are the same.

    Args:
        modules: to import; one that is not installed is left out.
        process: whether to start the process.

    Example:
        >>> with Ahead([], process=False) as ahead:
        ...     ahead.call(max, 2, 3)
        3
    """

    def __init__(self, modules: Sequence[str], process: bool = True) -> None:
        self._executor: ProcessPoolExecutor | None = None
        if process and _may_start():
            start_tracker()
            context = multiprocessing.get_context("spawn")
            with suppress(OSError):  # Processes cannot share memory here: /dev/shm is full, or may not be written.
                self._executor = ProcessPoolExecutor(1, context, _begin, (this_process(),))
            self.submit(_import, tuple(modules))

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what a function returns; it and its arguments must be fit to be sent to another process.

        Raises:
            Exception: what the function raises.
        """
        return self.result(self.submit(function, *arguments), function, *arguments)

    def submit(self, function: Callable[..., T], *arguments: Any) -> "Future[T] | None":
        """Begin a call, and return what :meth:`result` takes."""
        if self._executor is None:
            return None
        try:
            return self._executor.submit(function, *arguments)
        except (BrokenProcessPool, OSError):  # It has died, or none could be started.
            self._executor = None
            return None

    def result(self, future: "Future[T] | None", function: Callable[..., T], *arguments: Any) -> T:
        """Return the result of a call that was begun; its function and arguments are those of :meth:`submit`."""
        if future is not None:
            try:
                return future.result()
            except BrokenProcessPool:
                self._executor = None
        return function(*arguments)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)


def _may_start() -> bool:
    """Whether this process may start one: those that are daemons may not, and limits may not allow it."""
    if multiprocessing.current_process().daemon:
        return False
    try:
        require_processes(1, _THREADS)
    except UserError:
        return False
    return True


def _begin(parent: Parent) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent.
    end_with(parent)


def _import(modules: tuple[str, ...]) -> None:
    for module in modules:
        try:
            import_module(module)
        except ImportError:  # An extra that is not installed: who needs it says so.
            continue
