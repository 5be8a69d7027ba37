"""Whether an error came of a limit that the system sets to a process: what ``ulimit`` shows, or the memory of the machine."""

import errno
from enum import StrEnum

from zen_lightning.errors import UserError, with_causes


class _Limit(StrEnum):
    """A limit: what is said of it."""

    PROCESSES = "no more processes or threads may be started"
    FILES = "too many files are open"
    MEMORY = "the memory that this process may have is used up"


_REMEDIES = {
    _Limit.PROCESSES: (
        "raise the limit of this shell or container (ulimit -u), or take fewer: trainer.loader_workers=, workers="
    ),
    _Limit.FILES: "raise the limit of this shell (ulimit -n)",
    _Limit.MEMORY: "take smaller batches, images or networks, or raise the limit (ulimit -v, or that of the job or container)",
}
_SAID = {
    "can't start new thread": _Limit.PROCESSES,
    "DefaultCPUAllocator: can't allocate memory": _Limit.MEMORY,
    "DefaultCPUAllocator: not enough memory": _Limit.MEMORY,
}
"""What Python and PyTorch say in a RuntimeError; they have no class for it."""


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
    if isinstance(error, RuntimeError):
        return next((limit for said, limit in _SAID.items() if said in str(error)), None)
    return None
