"""Whether an error came of a full disk or shared memory, or of a limit on what may be written to it."""

import errno
import os
import shutil
import sys
from typing import NamedTuple

from zen_lightning.errors import with_causes


class NoRoom(NamedTuple):
    """Why no more can be written.

    Attributes:
        said: the first part of a sentence.
        remedy: what to do.
    """

    said: str
    remedy: str


_KINDS = {
    errno.ENOSPC: NoRoom("the disk is full", "make room"),
    errno.EDQUOT: NoRoom("the quota of the disk is used up", "make room, or have the quota raised"),
    errno.EFBIG: NoRoom(
        "a file would be larger than the system allows", "raise the limit of this shell (ulimit -f), or write to another disk"
    ),
}
"""By the number of the error: the last is RLIMIT_FSIZE, which batch systems set, or the limit of a file system."""

_SHARED_FOLDER, _LEAST = "/dev/shm", 1 << 20
"""Where Linux keeps what processes share, and bytes below which that is full. A choice: a small batch takes as much."""

_SHARED_MEMORY = NoRoom(
    f"the shared memory of processes is full ({_SHARED_FOLDER})",
    "make room there (docker run --shm-size=8g), or start fewer processes (trainer.loader_workers=0, workers=1)",
)

_REFUSED = (errno.EACCES, errno.ENOENT, errno.EROFS, errno.ENOSYS)
_NO_SHARED_MEMORY = NoRoom(
    f"processes cannot share memory here, as {_SHARED_FOLDER} cannot be written",
    "have it made writable, or start no processes (trainer.loader_workers=0, workers=1, search.restarts=1)",
)


def no_room(error: BaseException | None) -> NoRoom | None:
    """Return why an error, or one that it was raised from or while handling, says that no more can be written; else None.

    Example:
        >>> no_room(OSError(errno.EDQUOT, "Disk quota exceeded")).said
        'the quota of the disk is used up'
    """
    known = (_kind_of(one) for one in with_causes(error) if isinstance(one, OSError))
    return next(filter(None, known), None)


def _kind_of(error: OSError) -> NoRoom | None:
    if error.filename is None:  # Semaphores and shared tensors are files there, which errors about them do not name.
        if error.errno == errno.ENOSPC and _is_shared_memory_full():
            return _SHARED_MEMORY
        if error.errno in _REFUSED and sys.platform == "linux" and not os.access(_SHARED_FOLDER, os.W_OK | os.X_OK):
            return _NO_SHARED_MEMORY
    return _KINDS.get(error.errno or 0)


def _is_shared_memory_full() -> bool:
    try:
        return shutil.disk_usage(_SHARED_FOLDER).free < _LEAST
    except OSError:
        return False


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether an error is that of a full disk, or of a limit on what may be written to it.

    Example:
        >>> is_full_disk(OSError(errno.ENOSPC, "No space left on device")), is_full_disk(OSError(errno.EACCES, "denied"))
        (True, False)
    """
    return no_room(error) is not None
