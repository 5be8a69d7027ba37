"""Walking through folders, where one that cannot be read is told: its images would be missed, and nothing would say so."""

import os
from pathlib import Path

from zen_lightning.errors import UserError


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
    return UserError(what, key=key, remedy="make it readable")


def has_gone(error: OSError) -> bool:
    """Whether a folder could not be listed as it is none, or is there no more."""
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def files_below(folder: Path, ending: str, key: str = "") -> list[Path]:
    """Return the files below a folder whose names have an ending, sorted; links to folders are not followed.

    Raises:
        UserError: a folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        if not has_gone(error):
            raise unreadable(error.filename, error, key) from None

    places = os.walk(folder, onerror=refuse)
    return sorted(Path(place, name) for place, _, names in places for name in names if name.endswith(ending))
