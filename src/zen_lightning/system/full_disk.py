"""Whether an error came of a full disk, or of a limit on what may be written to it."""

import errno
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


def no_room(error: BaseException | None) -> NoRoom | None:
    """Return why an error, or one that it was raised from or while handling, says that no more can be written; else None.

    Example:
        >>> no_room(OSError(errno.EDQUOT, "Disk quota exceeded")).said
        'the quota of the disk is used up'
    """
    known = (_KINDS.get(one.errno or 0) for one in with_causes(error) if isinstance(one, OSError))
    return next(filter(None, known), None)


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether an error is that of a full disk, or of a limit on what may be written to it.

    Example:
        >>> is_full_disk(OSError(errno.ENOSPC, "No space left on device")), is_full_disk(OSError(errno.EACCES, "denied"))
        (True, False)
    """
    return no_room(error) is not None
