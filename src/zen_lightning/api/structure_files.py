"""Structures as people keep them in files: over several lines, with comments, in quotes, in the notation of TinyNAS."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zen_lightning.api.tinynas import is_tinynas, structure_of
from zen_lightning.arch import ArchitectureError, BaseArchitecture
from zen_lightning.errors import UserError

_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#|//).*$", re.MULTILINE)
_JOINS = re.compile(r"\\\s*$", re.MULTILINE)
_QUOTES = re.compile(r"\"\"\"|'''|[\"'`\u2018\u2019\u201c\u201d]")
_MOST_BYTES = 2**20
"""The largest file that is read. A choice: a structure has at most 65,536 characters."""


def read_structure_file(path: Path, parse: Callable[[str], Any], key: str = "arch") -> BaseArchitecture:
    """Return the architecture that a text file holds.

    White space between and inside the blocks, line ends, a byte order mark, comments from ``#`` or ``//`` on, quotes, a
    backslash at the end of a line, and a comma or semicolon at the end mean nothing. A file that begins with ``[`` or ``{`` is
    read as a list of TinyNAS.

    Args:
        path: the file.
        parse: reads the text of one structure.
        key: what named the file, for errors.

    Raises:
        UserError: the file is empty, no text, or holds several structures.
        ArchitectureError: it holds no structure; the position is in the text with all of that left out.
    """
    text = _decoded(path, key)
    if is_tinynas(text):
        return parse(structure_of(text, str(path), key))  # type: ignore[no-any-return]
    lines = [line for line in map(clean_structure, _COMMENT.sub("", _JOINS.sub("", text)).splitlines()) if line]
    if not lines:
        raise UserError(f"{path} is empty", key=key, value=path)
    joined = clean_structure("\n".join(lines))
    try:
        return parse(joined)  # type: ignore[no-any-return]
    except ArchitectureError:
        if len(lines) > 1 and all(_reads(line, parse) for line in lines):
            remedy = "one file for each, and arch=[a.txt,b.txt] where a command takes several"
            raise UserError(f"{path} holds {len(lines)} structures, one on each line", key=key, remedy=remedy) from None
        raise


def clean_structure(text: str) -> str:
    """Return a structure without quotes around it, a comma or semicolon after it, and white space in it.

    Codes of benchmarks are separated by white space, so there it stays.

    Example:
        >>> clean_structure('"SuperConvK3BNRELU(3, 8, 1, 1)";')
        'SuperConvK3BNRELU(3,8,1,1)'
    """
    bare = _QUOTES.sub("", text).strip().rstrip(";,").strip()
    return "".join(bare.split()) if "(" in bare else " ".join(bare.split())


def _decoded(path: Path, key: str) -> str:
    """Return the text of a file, in UTF-8 or with the byte order mark of another encoding."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})", key=key, value=path) from None
    if len(content) > _MOST_BYTES:
        raise UserError(f"{path} is too large for a structure", key=key, value=path)
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text file", key=key, value=path) from None
    if "\0" in text or (is_utf16 and not any(letter.isascii() and letter.isalnum() for letter in text)):
        raise UserError(f"{path} is not a text file", key=key, value=path)
    return text


def _reads(line: str, parse: Callable[[str], Any]) -> bool:
    try:
        parse(line)
    except UserError:
        return False
    return True
