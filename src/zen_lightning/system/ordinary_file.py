"""Whether there is a file where one is read: a folder, a pipe or a device in its place is neither read nor passed over."""

import errno
import math
import os
import stat
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError

_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


def holds_file(path: Path, largest: float = math.inf, *, remedy: str = "move it away", **about: Any) -> bool:
    """Return whether there is a file; False where nothing is.

    A pipe would wait for somebody who writes to it, a device may have no end, and neither can be compared with a checksum.

    Args:
        path: of the file.
        largest: bytes of the largest file that is read.
        remedy: what to do where it cannot be used.
        about: more of the error, as :class:`~zen_lightning.errors.UserError` takes it.

    Raises:
        UserError: something else is there, a link that leads nowhere, or too large a file.
        OSError: its size cannot be read.

    Example:
        >>> holds_file(Path("/nowhere/result.json"))
        False
        >>> holds_file(Path("/dev/zero"))
        Traceback (most recent call last):
        zen_lightning.errors.UserError: /dev/zero is a device, and must be a file: move it away
    """
    other = other_than_file(path)
    if other is not None:
        raise UserError(f"{path} is {other}, and must be a file", remedy=remedy, **about)
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):  # Another process may have removed it since.
        return False
    if size > largest:
        raise UserError(f"{path} is larger than {_size(int(largest))}", remedy=remedy, **about)
    return True


def require_file(path: str | os.PathLike[str]) -> os.stat_result:
    """Return the status of a file, or raise an OSError where a path is none, as for a file that cannot be opened.

    For those to whom a file is then damaged: folders are exchanged, and an archive may hold such things under an image's name.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"{other_than_file(Path(path))}, and must be a file", os.fspath(path))
    return status


def other_than_file(path: Path) -> str | None:
    """Return what is in the place of a file, a phrase; None for a file, and where nothing is there."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError:
        return nowhere(path)
    return None if kind == stat.S_IFREG else _KINDS.get(kind, "a device")


def nowhere(path: Path) -> str | None:
    """Return what a link is that leads to nothing, such as to a disk that is not there, a phrase; else None."""
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "a link to itself"
        return "a link to what is not there" if error.errno == errno.ENOENT and path.is_symlink() else None
    return None


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 2**20 else f"{count >> 10} KiB"
