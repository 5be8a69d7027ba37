"""Paths as a user at this terminal would type them."""

import os
from pathlib import Path


def short_path(path: Path) -> str:
    """Return a path relative to the working directory where it lies below it, else as it is.

    Example:
        >>> short_path(Path.cwd() / "outputs" / "search"), short_path(Path("/somewhere/else"))
        ('outputs/search', '/somewhere/else')
    """
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # The working directory is gone; another drive.
        return str(path)
    return str(path) if relative.split(os.sep)[0] == os.pardir else relative
