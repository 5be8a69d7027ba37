"""Whether an error came of a limit that the system sets to a process: what ``ulimit`` shows, or the memory of the machine."""

import errno

from zen_lightning.errors import UserError, with_causes

_PROCESSES = UserError(
    "no more processes or threads may be started",
    remedy="raise the limit of this shell or container (ulimit -u), or take fewer: trainer.loader_workers=, workers=",
)
_FILES = UserError("too many files are open", remedy="raise the limit of this shell (ulimit -n)")
_MEMORY = UserError(
    "the memory that this process may have is used up",
    remedy="take smaller batches, images or networks, or raise the limit (ulimit -v, or that of the job or container)",
)
_SAID = {
    "can't start new thread": _PROCESSES,
    "DefaultCPUAllocator: can't allocate memory": _MEMORY,
    "DefaultCPUAllocator: not enough memory": _MEMORY,
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
    return next(filter(None, map(_of, with_causes(error))), None)


def _of(error: BaseException) -> UserError | None:
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError):
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return _FILES
        return _PROCESSES if error.errno == errno.EAGAIN and error.filename is None else None  # Of fork, which names no file.
    if isinstance(error, RuntimeError):
        return next((limit for said, limit in _SAID.items() if said in str(error)), None)
    return None
