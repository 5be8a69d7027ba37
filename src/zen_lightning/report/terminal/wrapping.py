"""Long lines for a terminal of usual width."""

import textwrap
from collections.abc import Iterable
from pathlib import Path

from zen_lightning.system.short_path import short_path

COLUMNS = 80
"""Characters of a line: what a usual terminal has."""

TOGETHER = "\xa0"
"""A space at which no line ends: of a value and its unit."""


def wrapped(text: str, indent: int = 0) -> str:
    """Return text in lines of 80 characters, those after the first indented by two more; paths and structures stay whole.

    Example:
        >>> print(wrapped("caution: the stage at 7 x 7 has 19 layers; no trained network of the fit has more than 8"))
        caution: the stage at 7 x 7 has 19 layers; no trained network of the fit has
          more than 8
    """
    before = " " * indent
    lines = textwrap.fill(
        text,
        COLUMNS,
        initial_indent=before,
        subsequent_indent=f"{before}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.replace(TOGETHER, " ")


def files_line(folder: Path, names: Iterable[str]) -> str:
    """Return the line that says which files are in a folder."""
    return wrapped(f"in{TOGETHER}{short_path(folder)}: {' '.join(names)}")
