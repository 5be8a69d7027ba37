"""Errors of a disk, or of the network to one, that fails while a file is read or written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from zen_lightning.errors import first_line

_NUMBERS = frozenset(
    getattr(errno, name)
    for name in ("EIO", "ESTALE", "ENXIO", "ENODEV", "ETIMEDOUT", "EREMOTEIO", "ENOTCONN", "EHOSTDOWN", "EUCLEAN")
    if hasattr(errno, name)
)
"""What reading and writing an open file raise where it is the disk that fails. A full one is something else."""

REMEDY = "the disk, or the network to it, has failed"
"""What is to be looked at."""


def has_failed(error: BaseException | None) -> bool:
    """Return whether an error is one of a disk that fails.

    Example:
        >>> has_failed(OSError(errno.EIO, "Input/output error")), has_failed(OSError(errno.ENOSPC, "No space left on device"))
        (True, False)
    """
    return isinstance(error, OSError) and error.errno in _NUMBERS


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Have errors of a disk name the file: those of reading and writing what is open name none.

    Args:
        path: of the file that is read or written meanwhile.

    Example:
        >>> with naming("runs/one/history.csv"):
        ...     raise OSError(errno.EIO, "Input/output error")
        Traceback (most recent call last):
        OSError: [Errno 5] Input/output error: 'runs/one/history.csv'
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None or not (has_failed(error) or error.errno == errno.EROFS):
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def said_of(error: BaseException) -> str:
    """Return what the system says of an error, without its number; of another error the first line.

    Example:
        >>> said_of(OSError(errno.EIO, "Input/output error")), said_of(ValueError("no such layer"))
        ('Input/output error', 'no such layer')
    """
    said = error.strerror if isinstance(error, OSError) else None
    return said or first_line(error)
