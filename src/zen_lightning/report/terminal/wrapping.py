"""Long lines, for a terminal of usual width or a narrower one."""

import shutil
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from zen_lightning.system.short_path import short_path

COLUMNS = 80
"""Characters of a line at most: what a usual terminal has."""

TOGETHER = "\xa0"
"""A space at which no line ends: of a value and its unit."""


def wrapped(text: str, indent: int = 0) -> str:
    """Return text in lines of 80 characters, or as wide as a narrower terminal; paths and structures stay whole.

    Lines after the first are indented by two more.

    Example:
        >>> print(wrapped("caution: the stage at 7 x 7 has 19 layers; no trained network of the fit has more than 8"))
        caution: the stage at 7 x 7 has 19 layers; no trained network of the fit has
          more than 8
    """
    before = " " * indent
    lines = textwrap.fill(
        text,
        _columns(),
        initial_indent=before,
        subsequent_indent=f"{before}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.replace(TOGETHER, " ")


def _columns() -> int:
    """Return the characters of a line: a log file, which has no width, gets those of a usual terminal."""
    return min(COLUMNS, shutil.get_terminal_size().columns) if sys.stdout.isatty() else COLUMNS


def files_line(folder: Path, names: Iterable[str]) -> str:
    """Return the line that says which files are in a folder."""
    return wrapped(f"in{TOGETHER}{short_path(folder)}: {' '.join(names)}")
