"""Paths in what a user typed, beside names and structures."""

from os import PathLike, fspath
from pathlib import Path

from zen_lightning.errors import UserError


def expanded(path: str | PathLike[str]) -> Path:
    """Return a path with ``~`` as the home folder; that of a user who does not exist as it stands, and nothing is there.

    Example:
        >>> expanded("~nobody-of-this-name/x")
        PosixPath('~nobody-of-this-name/x')
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def check_home(text: str, key: str) -> None:
    """Raise a UserError where a path begins with a user whom this machine does not have.

    Args:
        text: the path.
        key: of the configuration, or the name of a parameter, that it is of.
    """
    user = text.partition("/")[0]
    if user.startswith("~") and expanded(user) == Path(user):
        what = f"there is no user {user[1:]} whose folder this could be in"
        raise UserError(what, key=key, value=text, remedy="write the whole path, or ~/ for your own folder")


def path_to_write(path: str | PathLike[str], key: str) -> Path:
    """Return a path with ``~`` as the home folder; of a user who does not exist it is an error, as :func:`check_home` says."""
    check_home(fspath(path), key)
    return expanded(path)


def home_path(text: str) -> Path:
    """Return the path of a text as it was typed, as :func:`expanded` does, without blanks around it."""
    return expanded(text.strip())


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
