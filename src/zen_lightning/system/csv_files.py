"""CSV files of this project: written with a checksum beside them, and read as data that anybody may have written."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.files import atomic_path

_LARGEST = 2**30
"""Bytes of the largest file. A choice: the scores of 15,625 networks by 20 proxies are 10 MB."""

_LONGEST_FIELD = 2**24
"""Characters of the longest field. A choice: a structure has some hundred."""


_FORMULA = re.compile(r"\s*[=+\-@].*[(|!]", re.DOTALL)
"""What a spreadsheet evaluates: without a call, a command or a reference elsewhere it does nothing, as -1.5 and +key=value."""

_TEXT = "'"
"""In front of a cell it says that this is text: https://owasp.org/www-community/attacks/CSV_Injection."""


class Table(NamedTuple):
    """What a file holds.

    Attributes:
        columns: their names.
        rows: the fields of each row, as many as there are columns.
        checked: whether a checksum says that it is as it was written; False for a file of an earlier release.
    """

    columns: list[str]
    rows: list[list[str]]
    checked: bool


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], checksum: bool = True) -> None:
    """Write a CSV file atomically, and its checksum beside it unless it is not wanted.

    A text that a spreadsheet would take for a formula, such as the name of a class in a folder of somebody else, gets a ``'``
    in front; :func:`read_csv` takes it off.
    """
    with atomic_path(path, checksum) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(map(_as_text, header))
        writer.writerows(map(_as_text, row) for row in rows)


def _as_text(cell: Any) -> Any:
    return f"{_TEXT}{cell}" if isinstance(cell, str) and _FORMULA.match(cell.lstrip(_TEXT)) else cell


def _as_written(field: str) -> str:
    return field[1:] if field.startswith(_TEXT) and _FORMULA.match(field.lstrip(_TEXT)) else field


def read_csv(path: Path, remedy: str, required: Sequence[str] = ()) -> Table:
    """Return what a CSV file with a header holds.

    Args:
        path: of the file.
        remedy: what to do where it cannot be used, a phrase such as ``"run it again"``.
        required: columns that it must have.

    Raises:
        FileNotFoundError: there is none.
        UserError: it cannot be read, is damaged, or is no such table; the sentence names the file and the line or the column.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    rows: list[list[str]] = []
    reader = None
    try:
        checked = check_beside(path, remedy)
        if path.stat().st_size > _LARGEST:
            raise UserError(f"{path} is larger than {_LARGEST >> 20} MiB", remedy=remedy)
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            columns = [_as_written(field) for field in next(reader, [])]
            for fields in reader:
                row = [_as_written(field) for field in fields]
                if row and len(row) != len(columns):
                    what = f"{path}, line {reader.line_num}: {len(row)} fields, and the header has {len(columns)}"
                    raise UserError(what, remedy=remedy)
                rows.extend([row] if row else [])
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise UserError(f"{path} is damaged: it is no UTF-8 text", remedy=remedy) from None
    except csv.Error as error:
        line = reader.line_num if reader is not None else 1
        raise UserError(f"{path}, line {line}: {error}", remedy=remedy) from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error})", remedy=remedy) from None
    missing = next((name for name in required if name not in columns), None)
    if missing is not None:
        raise UserError(f"{path} has no column {missing}", remedy=remedy)
    return Table(columns, rows, checked)
