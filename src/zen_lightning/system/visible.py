"""What is printed holds no commands for the terminal: names in the files of somebody else may."""

import io
import re
import sys
from typing import IO

_OF_BARS = r"\x1b\[[0-9;]*[A-HJKm]|\x1b\[\?25[hl]|[\x08\r]"
"""Colours, erasing, moves of the cursor and its showing, which progress bars consist of."""

_ODD = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
"""Control characters (C0 but for tab and line feed, DEL and C1 of ECMA-48), and those that turn the direction of text."""

_ALL = re.compile(_ODD)
_BUT_BARS = re.compile(f"({_OF_BARS})|{_ODD}")
_PACKAGE = "zen_lightning."

_DONE = "writes_visible_text"
"""Marks the method of a stream that does so. Others, such as W&B, put methods of their own in its place."""


def visible(text: str) -> str:
    r"""Return a text in which control characters are written as escapes.

    Terminals take commands within text, such as a new title, a content of the clipboard, to send back what they show, or to
    write over what stands there.

    Example:
        >>> print(visible("cat\x1b]52;c;eA==\x07"))
        cat\x1b]52;c;eA==\x07
    """
    return _ALL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _but_bars(text: str) -> str:
    """Return a text of another package, which may draw a progress bar."""
    return _BUT_BARS.sub(lambda match: match[1] or match[0].encode("unicode_escape").decode(), text)


def print_visibly(*streams: IO[str]) -> None:
    """Have streams write :func:`visible` texts, where they are files or a terminal; other objects stay as they are.

    What other packages write keeps its colours and moves of the cursor: their progress bars consist of these. This package
    draws by ``rich`` alone, so that in its own lines they are of somebody's file.
    """
    for stream in streams:
        if type(stream) is not io.TextIOWrapper or getattr(stream.write, _DONE, False):
            continue
        _cover(stream)


def _cover(stream: io.TextIOWrapper) -> None:
    write = stream.write

    def written(text: str) -> int:
        caller = sys._getframe().f_back  # Of print(), which is no frame itself; none where Python ends, or a thread begins.
        by = "" if caller is None else str(caller.f_globals.get("__name__"))
        write(visible(text) if by.startswith(_PACKAGE) else _but_bars(text))
        return len(text)

    setattr(written, _DONE, True)
    stream.write = written  # type: ignore[method-assign]
