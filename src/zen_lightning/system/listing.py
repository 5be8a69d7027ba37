"""Walking through folders, where one that cannot be read is told: its images would be missed, and nothing would say so."""

import os
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.system.permission import remedy_of

_OF_SYSTEMS = frozenset(
    ["__macosx", "__pycache__", "@eadir", "$recycle.bin", "system volume information", "lost+found", "_notes"]
)
"""Folders that systems and programs make by themselves (macOS in archives, Python, Synology, Windows, ext4, Dreamweaver): they
hold no images of a dataset, whatever the names of their files say."""


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is one that people do not see, or do not know of."""
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def unreadable(folder: str | Path, error: OSError, key: str = "") -> UserError:
    """Return the error about a folder that the system does not list.

    Args:
        folder: it.
        error: what the system said.
        key: the parameter that names it, or a folder above it.

    Example:
        >>> print(unreadable("pets/cat", PermissionError(13, "Permission denied")))
        the folder pets/cat cannot be read (Permission denied): make it readable
    """
    what = f"the folder {os.fsdecode(folder)} cannot be read ({error.strerror or error})"
    return UserError(what, key=key, remedy=remedy_of(error, os.fsdecode(folder)) or "make it readable")


def has_gone(error: OSError) -> bool:
    """Whether a folder could not be listed as it is none, or is there no more."""
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def files_below(folder: Path, ending: str, key: str = "") -> list[Path]:
    """Return the files below a folder whose names have an ending, sorted.

    Links to folders are not followed, and hidden files and folders do not count.

    Raises:
        UserError: a folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        if not has_gone(error):
            raise unreadable(error.filename, error, key) from None

    found: list[Path] = []
    for place, inner, names in os.walk(folder, onerror=refuse):
        inner[:] = [name for name in inner if not is_hidden(name)]
        found += [Path(place, name) for name in names if name.endswith(ending) and not is_hidden(name)]
    return sorted(found)
