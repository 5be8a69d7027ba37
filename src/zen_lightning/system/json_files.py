"""JSON files of this project: written with a checksum, and read as data that anybody may have written."""

import json
import math
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.checksums import with_checksum, without_checksum
from zen_lightning.system.files import write_text
from zen_lightning.system.json_text import BYTES_A_VALUE, TooManyValuesError, parse_json
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import OBJECT, Kind, wrong_anywhere

_LARGEST = 32 * 2**20
"""Bytes of the largest file. A choice: a sweep of 10,000 jobs has 5 MB, and what is read may take 25 times as much memory."""


class Read(NamedTuple):
    """What a file holds.

    Attributes:
        content: its object, without the checksum.
        checked: whether a checksum says that it is as it was written; False for a file of an earlier release.
    """

    content: dict[str, Any]
    checked: bool


class LargerError(Exception):
    """What was to be written is larger than it may be, and was not written.

    Attributes:
        size: its bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"{size >> 20} MiB")
        self.size = size


def write_json(path: Path, content: Mapping[str, Any], *, largest: float = math.inf) -> None:
    """Write a JSON file atomically, indented, with its checksum.

    Args:
        path: of the file.
        content: of its object, without a checksum.
        largest: bytes of the largest text that is written, as of one that is read.

    Raises:
        LargerError: it has more, and the file is as it was.
    """
    text = json.dumps(with_checksum(content), indent=2, ensure_ascii=False) + "\n"
    size = len(text.encode(errors="surrogatepass"))  # No fewer bytes than are written, where a name is no Unicode.
    if size > largest:
        raise LargerError(size)
    write_text(path, text)


def read_json(
    path: Path, remedy: str, kind: Kind = OBJECT, *, key: str = "", value: Any = ..., largest: int = _LARGEST
) -> Read:
    """Return what a JSON file holds.

    Args:
        path: of the file.
        remedy: what to do where it cannot be used, a phrase such as ``"run it again"``.
        kind: what it must hold.
        key: that named the file, or its folder, for the error.
        value: of that key.
        largest: bytes of the largest file.

    Raises:
        FileNotFoundError: there is none.
        UserError: it cannot be read, is damaged, or holds something else; the sentence names the file and the field.
    """
    try:
        holds_file(path, largest, key=key, value=value, remedy=remedy)
        content = parse_json(path.read_bytes().removeprefix(BOM_UTF8), largest // BYTES_A_VALUE)  # Editors put it there.
        if not isinstance(content, dict):
            raise _RefusedError("it holds no JSON object")
        if found := wrong_anywhere(content):
            raise _RefusedError(found)
    except (FileNotFoundError, UserError):
        raise
    except (_RefusedError, TooManyValuesError) as refused:
        raise UserError(f"{path} cannot be used: {refused}", key=key, value=value, remedy=remedy) from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is damaged: it is no UTF-8 text", key=key, value=value, remedy=remedy) from None
    except json.JSONDecodeError as error:
        what = f"{path} is damaged or cut short (line {error.lineno}: {error.msg})"
        raise UserError(what, key=key, value=value, remedy=remedy) from None
    except (ValueError, RecursionError):  # A number with thousands of digits; brackets within brackets.
        raise UserError(f"{path} is damaged: it is no JSON of this project", key=key, value=value, remedy=remedy) from None
    except OSError as error:
        what = f"{path} cannot be read ({error.strerror or error})"
        raise UserError(what, key=key, value=value, remedy=remedy) from None
    bare, checked = without_checksum(path, content, remedy)
    if found := kind.wrong(bare, ""):
        raise UserError(f"{path}: {found}", key=key, value=value, remedy=remedy)
    return Read(bare, checked)


class _RefusedError(Exception):
    """What a file holds that none may."""
