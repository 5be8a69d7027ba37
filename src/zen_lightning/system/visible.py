"""What is printed holds no commands for the terminal: names in the files of somebody else may."""

import io
import re
from typing import IO

_OWN = r"\x1b\[[0-9;?]*[A-HJKhlm]"
"""Colours, erasing, moves of the cursor and its showing, which progress bars consist of."""

_ODD = re.compile(rf"({_OWN})|[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters (C0 but for blanks and backspace, DEL and C1 of ECMA-48), and those that turn the direction of text."""


_DONE = "writes_visible_text"
"""Marks the method of a stream that does so. Others, such as W&B, put methods of their own in its place."""


def visible(text: str) -> str:
    r"""Return a text in which control characters are written as escapes.

    Terminals take commands within text, such as a new title, a content of the clipboard, or to send back what they show.

    Example:
        >>> print(visible("cat\x1b]52;c;eA==\x07"))
        cat\x1b]52;c;eA==\x07
    """
    return _ODD.sub(lambda match: match[1] or match[0].encode("unicode_escape").decode(), text)


def print_visibly(*streams: IO[str]) -> None:
    """Have streams write :func:`visible` texts, where they are files or a terminal; other objects stay as they are."""
    for stream in streams:
        if type(stream) is not io.TextIOWrapper or getattr(stream.write, _DONE, False):
            continue
        _cover(stream)


def _cover(stream: io.TextIOWrapper) -> None:
    write = stream.write

    def written(text: str) -> int:
        write(visible(text))
        return len(text)

    setattr(written, _DONE, True)
    stream.write = written  # type: ignore[method-assign]
