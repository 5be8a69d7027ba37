"""SHA-256 of what a run continues from and of what reports read, so that damage is noticed instead of computed with.

A file has its checksum where it can: JSON in its last field (:func:`with_checksum`), weights in their metadata, a profile at
its top. What other programs read too, such as a CSV, has it beside it, in a folder ``.sha256`` that moves with it.
Journals, which grow, have a CRC for each line. Files of earlier releases have none, and are read.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.ordinary_file import holds_file

FIELD = "sha256"
"""The field of a JSON file that holds the checksum of the others."""

_BESIDE = ".sha256"
_SIZE = "# bytes: "
"""Before the line of a checksum, which ``sha256sum -c`` reads: a comment."""

_KEPT = 3
"""Checksums that are kept of a file: of what is about to replace it, and of those before, one of which a kill may have left."""


_LARGEST = 2**16
"""Bytes of the largest file of checksums. A choice: three have 300, and the name of the file three times."""


class Kept(NamedTuple):
    """A checksum beside a file.

    Attributes:
        digest: SHA-256 in hexadecimal digits.
        size: bytes of the file; None where an earlier release has not said it.
    """

    digest: str
    size: int | None

    def lines(self, name: str) -> str:
        """Return the lines that keep it."""
        said = "" if self.size is None else f"{_SIZE}{self.size}\n"
        return f"{said}{self.digest}  {name}\n"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_digest(content: Any) -> str:
    r"""Return the SHA-256 of what a JSON file holds, whatever its layout.

    Example:
        >>> content_digest({"a": 1, "b": [2.5]}) == content_digest(json.loads('{"b": [2.50],\n "a": 1}'))
        True
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def with_checksum(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a JSON file is to hold, and the checksum of that."""
    bare = {key: value for key, value in content.items() if key != FIELD}
    return {**bare, FIELD: content_digest(json.loads(json.dumps(bare)))}


def without_checksum(path: Path, content: dict[str, Any], remedy: str) -> tuple[dict[str, Any], bool]:
    """Return what a JSON file holds, and whether a checksum says that it is as it was written.

    Args:
        path: of the file, for the error.
        content: what it holds, with its checksum, or, of an earlier release, without.
        remedy: what to do instead of mending it, for the error.

    Raises:
        UserError: it is not as it was written.
    """
    if not is_there(content):
        return content, False
    bare = {key: value for key, value in content.items() if key != FIELD}
    if content.get(FIELD) != content_digest(bare):
        own = f'where you changed it yourself, take its field "{FIELD}" out'
        raise changed(path, f"restore it from a copy, or {remedy}; {own}")
    return bare, True


def is_there(keys: Iterable[str]) -> bool:
    """Whether one of some keys is that of a checksum, or was before one of its characters was damaged.

    Example:
        >>> is_there(["task", "sha256"]), is_there(["task", "sha252"]), is_there(["task"])
        (True, True, False)
    """
    return any(len(key) == len(FIELD) and sum(a != b for a, b in zip(key, FIELD, strict=True)) < 2 for key in keys)


def beside(written: Path, path: Path) -> tuple[Path, str]:
    """Return the file that holds the checksum of another beside it, and what to write there before that one is replaced.

    It keeps the checksum of what is there now, so that a kill before or after the replacement leaves a pair that fits.

    Args:
        written: what is to replace the file, where it was written to.
        path: of the file.
    """
    place = _beside(path)
    before = _read(place) if path.exists() else []
    kept = dict.fromkeys([Kept(file_digest(written), written.stat().st_size), *before])
    return place, "".join(one.lines(path.name) for one in list(kept)[:_KEPT])


def check_beside(path: Path, remedy: str, *, is_for_others: bool = False) -> bool:
    """Return whether a checksum beside a file says that it is as it was written; False where there is none.

    Args:
        path: of the file.
        remedy: what to do instead of mending it, for the error.
        is_for_others: whether other programs may well have written it anew, which the error then says first.

    Raises:
        UserError: it is not as it was written.
        OSError: it cannot be read.
    """
    known = _read(_beside(path))
    if not known or not holds_file(path):
        return False
    while not _fits(path, known):
        before, known = known, _read(_beside(path))
        if known == before:  # Else another process has replaced the file meanwhile, and its checksum before it.
            whole = f"restore it from a copy, or {remedy}"
            if is_for_others:
                what = f"{path} is not as it was written (its checksum differs)"
                own = f"if another program has changed it since, such as an optimiser, delete {_beside(path)}"
                raise UserError(what, remedy=f"{own}; if none has, it is damaged: {whole}")
            raise changed(path, f"{whole}; where you changed it yourself, delete {_beside(path)}")
    return True


def changed(path: Path, remedy: str) -> UserError:
    """Return the error that says of a file that it is not as it was written."""
    return UserError(f"{path} is damaged: it is not as it was written (its checksum differs)", remedy=remedy)


def _fits(path: Path, known: Iterable[Kept]) -> bool:
    """Whether a file is as one of some checksums says; one of another size, which may be very large, is not read.

    Size and content are those of one file: another process may put a new one in its place between two looks.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        digests = {one.digest for one in known if one.size in (None, size)}
        return bool(digests) and hashlib.file_digest(file, "sha256").hexdigest() in digests


def _beside(path: Path) -> Path:
    return path.parent / _BESIDE / path.name


def _read(place: Path) -> list[Kept]:
    if not holds_file(place, _LARGEST):
        return []
    try:
        lines = place.read_bytes().decode("ascii", "replace").splitlines()
    except FileNotFoundError:  # Removed since.
        return []
    found: list[Kept] = []
    size = None
    for line in lines:
        if line.startswith(_SIZE):
            size = int(line.removeprefix(_SIZE)) if line.removeprefix(_SIZE).isdecimal() else None
        else:
            found.append(Kept(line.partition(" ")[0], size))
            size = None
    return found
