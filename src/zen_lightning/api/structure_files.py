"""Structures as people keep them in files: over several lines, with comments, in quotes, in the notation of TinyNAS."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zen_lightning.api.structure_text import bare_structure, inner_text, lines_of, literal_text
from zen_lightning.api.structure_within import structures_within
from zen_lightning.api.tinynas import structure_of
from zen_lightning.arch import ArchitectureError, BaseArchitecture
from zen_lightning.errors import UserError

_TABLES = (".csv", ".tsv")
_PAGES = (".html", ".htm", ".svg")
_MOST_BYTES = 2**20
"""The largest file that is read. A choice: a structure has at most 65,536 characters."""


def read_structure_file(path: Path, parse: Callable[[str], Any], key: str = "arch") -> BaseArchitecture:
    """Return the architecture that a text file holds.

    What surrounds the blocks means nothing (:func:`~zen_lightning.api.structure_text.bare_structure`): white space, line
    ends, a byte order mark, comments from ``#`` or ``//`` on, quotes, marks of lists. Within other text, such as a log or the
    row of a table, the one structure is found that there is
    (:func:`~zen_lightning.api.structure_within.structures_within`). A file that begins with ``[`` or ``{`` holds the structure
    as a text (``result.json``), or is read as a list of TinyNAS.

    Args:
        path: the file.
        parse: reads the text of one structure.
        key: what named the file, for errors.

    Raises:
        UserError: the file is empty, no text, or holds several structures.
        ArchitectureError: it holds no structure; the position is in the text with all of that left out.
    """
    text = _decoded(path, key)
    try:
        return _read(text, path, parse, key)
    except UserError as error:  # Of architectures, and of lists of TinyNAS.
        found = structures_within(text)
        is_page = path.suffix.lower() in _PAGES
        if is_page and len(found) != 1:
            raise _page(path, key) from None
        if len(found) > 1:
            raise _several(path, len(found), key) from None
        if not found:
            raise
        try:
            return parse(found[0])  # type: ignore[no-any-return]
        except UserError:
            raise _page(path, key) if is_page else error from None


def _page(path: Path, key: str) -> UserError:
    remedy = f"name the folder of the run instead, {path.parent}, or copy the structure from the page"
    return UserError(f"{path} is a page", key=key, expected="one structure", remedy=remedy)


def _several(path: Path, count: int, key: str) -> UserError:
    remedy = "one file for each, and arch=[a.txt,b.txt] where a command takes several"
    if path.suffix.lower() in _TABLES:
        remedy = "copy the structure of one row, or name the folder of the run for its best"
        return UserError(f"{path} is a table of {count:,} structures", key=key, expected="one structure", remedy=remedy)
    return UserError(f"{path} holds {count:,} structures", key=key, remedy=remedy)


def _read(text: str, path: Path, parse: Callable[[str], Any], key: str) -> BaseArchitecture:
    """Return the architecture of a file that holds nothing but a structure, and what means nothing beside it."""
    written = literal_text(text)
    if written is not None:
        inner = inner_text(written)
        if inner is None:
            return parse(structure_of(written, str(path), key))  # type: ignore[no-any-return]
        text = inner
    lines = lines_of(text)
    if not lines:
        raise UserError(f"{path} is empty", key=key, value=path)
    try:
        return parse(bare_structure(text))  # type: ignore[no-any-return]
    except ArchitectureError:
        if len(lines) > 1 and all(_reads(line, parse) for line in lines):
            remedy = "one file for each, and arch=[a.txt,b.txt] where a command takes several"
            raise UserError(f"{path} holds {len(lines)} structures, one on each line", key=key, remedy=remedy) from None
        if path.suffix.lower() in _TABLES:
            remedy = "copy the structure of one row, or name the folder of the run for its best"
            raise UserError(f"{path} is a table", key=key, expected="one structure", remedy=remedy) from None
        raise


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
        text = _of_western_windows(content)
    if "\0" in text or (is_utf16 and not any(letter.isascii() and letter.isalnum() for letter in text)):
        raise UserError(f"{path} is not a text file", key=key, value=path)
    return text


def _of_western_windows(content: bytes) -> str:
    """Return the text of a file in Windows' encoding for Western Europe, as its editors wrote; a NUL where it is no text."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return "\0"
    return text if "(" in text and all(letter.isprintable() or letter.isspace() for letter in text) else "\0"


def _reads(line: str, parse: Callable[[str], Any]) -> bool:
    try:
        parse(line)
    except UserError:
        return False
    return True
