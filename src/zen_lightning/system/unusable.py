"""Which of the values that somebody gave a file is about that the system refuses: too long a name, no permission, a folder."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from zen_lightning.errors import UserError, shortened
from zen_lightning.system.full_disk import is_full_disk
from zen_lightning.system.ordinary_file import nowhere
from zen_lightning.system.permission import remedy_of

_SHORTEST = 3
"""Characters of a value that is looked for within a path. A choice: shorter ones, such as numbers, occur in any."""

_LONGEST = 1000
"""Characters of a path that is told beside the value. A choice: more help nobody."""


def unusable_path(error: OSError, named: Mapping[str, str]) -> UserError | None:
    """Return the error about the value that names a file, or the longest of several; None where none does, or the disk is full.

    Args:
        error: what the system said.
        named: values by the names of their keys or parameters.

    Example:
        >>> error = IsADirectoryError(21, "Is a directory", "/data/pets/cat/1.png")
        >>> print(unusable_path(error, {"dataset.root": "/data/pets", "arch": "net.txt"}))
        dataset.root=/data/pets: /data/pets/cat/1.png: Is a directory
    """
    if not isinstance(error.filename, str | bytes) or is_full_disk(error):
        return None
    paths = [os.fsdecode(path) for path in (error.filename, error.filename2) if isinstance(path, str | bytes)]
    meant = [name for name, value in named.items() if any(_is_of(path, value) for path in paths)]
    if not meant and error.errno == errno.ENAMETOOLONG:  # Of a folder whose name is made of several values.
        meant = [name for name, value in named.items() if len(value) >= _SHORTEST and any(value in path for path in paths)]
    if not meant:  # Of a folder above, which was to be made first.
        meant = [name for name, value in named.items() if any(_is_above(path, value) for path in paths)]
    if not meant:
        return None
    name = max(meant, key=lambda name: len(named[name]))
    reason = reason_of(error)
    is_said = named[name] in paths or len(paths[0]) > _LONGEST
    what = reason if is_said else f"{paths[0]}: {reason}"
    return UserError(what, key=name, value=shortened(named[name]), remedy=remedy_of(error, paths[0]))


def _is_above(path: str, value: str) -> bool:
    """Whether a path is that of a folder above the one that a value names, and is not there."""
    place = os.path.normpath(os.path.expanduser(value))
    return len(value) >= _SHORTEST and not os.path.exists(path) and place.startswith(os.path.join(os.path.normpath(path), ""))


def reason_of(error: OSError) -> str:
    """Return what the system said; of a link that leads nowhere, where a folder was to be made, it says ``File exists``."""
    path = error.filename
    other = nowhere(Path(os.fsdecode(path))) if isinstance(error, FileExistsError) and isinstance(path, str | bytes) else None
    return other or error.strerror or str(error)


def _is_of(path: str, value: str) -> bool:
    """Whether a path is that of a value, below it, or a file of that name with an ending."""
    place = os.path.normpath(os.path.expanduser(value))
    if place in (path, os.path.normpath(path)):
        return True
    before, found, after = path.rpartition(place)
    return len(value) >= _SHORTEST and bool(found) and before[-1:] in ("", os.sep) and after[:1] in ("", os.sep, ".")
