"""Paths in what a user typed, beside names and structures."""

from pathlib import Path


def home_path(text: str) -> Path:
    """Return the path of a text, with ``~`` as the home folder; of a user who does not exist, as it stands."""
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError:
        return Path(text.strip())


def existing_path(text: str) -> Path | None:
    """Return the path that a text names, or None where there is nothing of that name.

    Example:
        >>> existing_path("."), existing_path("SuperConvK3BNRELU(3,8,1,1)" * 99)
        (PosixPath('.'), None)
    """
    path = home_path(text)
    try:
        return path if path.exists() else None
    except (OSError, ValueError):
        return None  # Longer than a name can be: a structure, say.
