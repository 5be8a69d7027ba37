"""What may be done about a file or folder that the system refuses to read or to write."""

import errno
import os
import shlex
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.system.failing_disk import REMEDY, has_failed
from zen_lightning.system.ordinary_file import nowhere

_REFUSED = (errno.EACCES, errno.EPERM)


def remedy_of(error: OSError, path: str | Path) -> str:
    """Return what may be done about a refusal; nothing where it has other reasons than permissions.

    Args:
        error: what the system said.
        path: what it was about. What is there to be read was to be written.

    Example:
        >>> remedy_of(OSError(errno.EROFS, "Read-only file system"), "/mnt/net.txt")
        'choose a folder on a disk that can be written'
    """
    if error.errno == errno.EROFS:
        return "choose a folder on a disk that can be written"
    if has_failed(error):
        return REMEDY
    if error.errno not in _REFUSED:
        return ""
    place = _existing(Path(path))
    if not os.access(place, os.R_OK | (os.X_OK if place.is_dir() else 0)):
        if _is_own(place):
            return f"make it readable by chmod u+rX {shlex.quote(str(place))}"
        return f"{place} belongs to {_owner(place)}: ask for the right to read it, or for a copy"
    closed = closed_folder(Path(path))
    if closed is None:
        return ""  # Another reason than permissions: a file that is locked, a policy of the system.
    if _is_own(closed):
        return f"make it writable by chmod u+w {shlex.quote(str(closed))}"
    return f"{closed} belongs to {_owner(closed)}: choose a folder of your own, or copy it to one"


def check_writable(path: Path, key: str) -> None:
    """Raise a UserError where the system would refuse to write a file, or into a folder, that a value names.

    Args:
        path: of a file or folder, which need not be there yet.
        key: of the value.
    """
    closed = closed_folder(path)
    if closed is not None:
        if other := nowhere(closed):
            raise UserError(
                f"{closed} is {other}", key=key, value=path, remedy="make what it leads to, or choose another place"
            )
        number = errno.EROFS if os.statvfs(closed).f_flag & os.ST_RDONLY else errno.EACCES
        reason = os.strerror(number)
        what = reason if closed == path else f"{closed}: {reason}"
        raise UserError(what, key=key, value=path, remedy=remedy_of(OSError(number, reason), closed))


def closed_folder(path: Path) -> Path | None:
    """Return the folder, or the file that is there, that keeps a path from being written; None where nothing does."""
    place = _existing(path)
    if not os.access(place, os.W_OK | (os.X_OK if place.is_dir() else 0)):
        return place
    if place == path and not place.is_dir() and not os.access(place.parent, os.W_OK | os.X_OK):
        return place.parent  # A file is replaced by one beside it.
    return None


def _existing(path: Path) -> Path:
    """Return a path, or the first one above it that is there and that is seen."""
    for place in (path, *path.absolute().parents):
        if os.path.lexists(place):
            return place
    return Path("/")


def _is_own(place: Path) -> bool:
    return os.stat(place, follow_symlinks=False).st_uid == os.geteuid()


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except (KeyError, OSError):  # A number without a name: in a container, or on a shared disk.
        return f"user {os.stat(place, follow_symlinks=False).st_uid}"
