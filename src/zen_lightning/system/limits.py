"""Limits that the system sets to a process, what ``ulimit`` shows or the memory of the machine: asked before, told after."""

import errno
import threading
from enum import StrEnum

from zen_lightning.errors import UserError, with_causes


class _Limit(StrEnum):
    """A limit: what is said of it."""

    PROCESSES = "no more processes or threads may be started"
    FILES = "too many files are open"
    MEMORY = "the memory that this process may have is used up"


_REMEDIES = {
    _Limit.PROCESSES: (
        "raise the limit of this shell or container (ulimit -u), or take fewer: workers=, search.restarts=, launcher.jobs=, "
        "trainer.loader_workers=, trainer.devices="
    ),
    _Limit.FILES: "raise the limit of this shell (ulimit -n)",
    _Limit.MEMORY: "take smaller batches, images or networks, or raise the limit (ulimit -v, or that of the job or container)",
}
SAID = {
    "can't start new thread": _Limit.PROCESSES,
    "Resource temporarily unavailable": _Limit.PROCESSES,
    "DefaultCPUAllocator: can't allocate memory": _Limit.MEMORY,
    "DefaultCPUAllocator: not enough memory": _Limit.MEMORY,
    "failed to map segment from shared object": _Limit.MEMORY,
    "shared object descriptor: Cannot allocate memory": _Limit.MEMORY,
}
"""What Python and PyTorch say in a RuntimeError, and the C library of a module in an ImportError; they have no class for it."""

_one_asks = threading.Lock()
"""The size of stacks is one of the process."""

_STACK = 256 << 10
"""Bytes of the stack of a thread that only waits, so that a limit on memory is not taken for one on threads. A choice."""


def require_processes(count: int, each: int) -> None:
    """Raise a UserError where so many processes cannot be started, before any is: each would fail with words of its own.

    That is tried with as many threads, which count against the same limits, whoever has set them and whatever runs beside.

    Args:
        count: number of processes.
        each: threads of one of them, those that compute among them; the process that starts them may get as many itself.

    Raises:
        UserError: a limit does not allow them.
    """
    needed = (count + 1) * each
    over, started = threading.Event(), list[threading.Thread]()
    try:
        with _one_asks:
            for _ in range(needed):
                thread = threading.Thread(target=over.wait, daemon=True)
                _start_small(thread)
                started.append(thread)
    except RuntimeError as error:
        if _of(error) is not _Limit.PROCESSES:
            raise  # PyTorch raises one wherever the main thread is, as the worker of a loader is killed.
    finally:
        over.set()
        for thread in started:
            thread.join()
    if len(started) < needed:
        noun = "process" if count == 1 else "processes"
        what = f"{count} {noun} of this command may need {needed} processes and threads, and {len(started)} more may be started"
        raise UserError(what, remedy=_REMEDIES[_Limit.PROCESSES])


def _start_small(thread: threading.Thread) -> None:
    """Start a thread with a small stack; what others start before and after has the size that it would have."""
    size = threading.stack_size(_STACK)
    try:
        thread.start()
    finally:
        threading.stack_size(size)


def limit_reached(error: BaseException | None) -> UserError | None:
    """Return the sentence for an error, or one that it was raised from or while handling, that came of a limit; else None.

    Example:
        >>> print(limit_reached(RuntimeError("can't start new thread")).what)
        no more processes or threads may be started
        >>> limit_reached(RuntimeError("shapes differ")) is None
        True
    """
    limit = next(filter(None, map(_of, with_causes(error))), None)
    return None if limit is None else UserError(str(limit), remedy=_REMEDIES[limit])


def no_more_threads(error: BaseException | None) -> bool:
    """Return whether an error, as for :func:`limit_reached`, came of the limit on processes and threads.

    Example:
        >>> no_more_threads(RuntimeError("can't start new thread")), no_more_threads(MemoryError())
        (True, False)
    """
    return any(_of(one) == _Limit.PROCESSES for one in with_causes(error))


def _of(error: BaseException) -> _Limit | None:
    if isinstance(error, MemoryError):
        return _Limit.MEMORY
    if isinstance(error, OSError):
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return _Limit.FILES
        # Of fork, which names no file; a stream that does not block and is full has the same number, and what it has written.
        of_fork = error.errno == errno.EAGAIN and error.filename is None and not hasattr(error, "characters_written")
        return _Limit.PROCESSES if of_fork else None
    if isinstance(error, RuntimeError | ImportError):
        return next((limit for said, limit in SAID.items() if said in str(error)), None)
    return None
