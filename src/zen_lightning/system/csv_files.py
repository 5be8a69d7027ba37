"""CSV files of this project: written with a checksum beside them, and read as data that anybody may have written."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.files import atomic_path
from zen_lightning.system.ordinary_file import holds_file

_LARGEST = 2**30
"""Bytes of the largest file. A choice: the scores of 15,625 networks by 20 proxies are 10 MB."""

_LONGEST_FIELD = 2**24
"""Characters of the longest field. A choice: a structure has some hundred."""

_TEXT = "'"
"""In front of a cell it says that this is text: https://owasp.org/www-community/attacks/CSV_Injection."""

_FORMULA = (
    r"(?:\A|(?<=[;\t\r\n]))"  # A cell begins also where a program parts a line at another character than the comma.
    r"(?P<text>%s'*)(?=[^\S;\t\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20])"  # The last four are the same signs in full width.
    r"(?![+-][\w.,:/+=-]*(?:[;\t\r\n]|\Z))"  # Numbers, names and +key=value do nothing: no call, no file, no other sheet.
)
_TO_WRITE, _TO_READ = re.compile(_FORMULA % ""), re.compile(_FORMULA % _TEXT)
"""Where a spreadsheet would evaluate a cell, and where it would but for what was put in front."""

_is_number = re.compile(r"-?[0-9.]*(?:e[+-]?[0-9]+)?").fullmatch

_MOST_CELLS = 2**24
"""Fields of the largest table, which take 1 GB of memory. A choice: the predictions of a million images have 15 million."""

_LONGEST_LINE = 2**24
"""Characters of the longest line. A choice: a confusion matrix of 10,000 classes has 50 kB in each."""


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
    in front, and so does a part of it after a semicolon, a tab or a line break; :func:`read_csv` takes it off.
    """
    with atomic_path(path, checksum) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_as_text(header))
        writer.writerows(map(_as_text, rows))


def _as_text(row: Iterable[Any]) -> list[Any]:
    return [
        cell
        if not isinstance(cell, str)
        or (cell[:1].isalnum() and ";" not in cell and cell.isprintable())  # Most need no more.
        or _is_number(cell)
        else _TO_WRITE.sub(rf"{_TEXT}\g<text>", cell)
        for cell in row
    ]


def _as_written(fields: Iterable[str]) -> list[str]:
    return [field if _TEXT not in field else _TO_READ.sub(lambda found: found["text"][1:], field) for field in fields]


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
    reader, cells = None, 0
    try:
        holds_file(path, _LARGEST, remedy=remedy)
        checked = check_beside(path, remedy)
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(_lines(file, path, remedy))
            columns = _as_written(next(reader, []))
            for fields in reader:
                cells += len(fields)
                if cells > _MOST_CELLS:
                    raise UserError(f"{path} has more than {_MOST_CELLS:,} fields", remedy=remedy)
                row = _as_written(fields)
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


def _lines(file: IO[str], path: Path, remedy: str) -> Iterator[str]:
    """Yield lines, none of which takes all memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise UserError(f"{path}, line {number}: it has more than {_LONGEST_LINE:,} characters", remedy=remedy)
        yield line
