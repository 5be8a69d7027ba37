"""Known accuracies, from the user's table."""

import csv
import gzip
import hashlib
import io
import json
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from zen_lightning.arch import ArchitectureError, parse_architecture
from zen_lightning.correlate.named import NamedNetwork, Network
from zen_lightning.errors import UserError, nearest
from zen_lightning.nets.named_modules import is_named_module
from zen_lightning.system.ordinary_file import holds_file

ARCHITECTURE = "architecture"
"""The column that names the networks."""

LEAST = 3
"""Fewest networks of a rank correlation: of two, it is always 1 or -1."""

_GZIP = b"\x1f\x8b"
"""How a file of gzip begins (RFC 1952, section 2.3.1)."""

_LARGEST = 2**26
"""Bytes of a table, as it is and unpacked. A choice: that of NAS-Bench-201 has 2 MB; a megabyte of gzip can hold a gigabyte."""

_MOST_CELLS = 2**22
"""Cells of a table. A choice: of NAS-Bench-101's 423,624 networks, 9 columns; they take 400 MB."""

_MOST_ROWS = 2**20
"""Rows of a table, which take memory with few cells, too. A choice: more than twice those of NAS-Bench-101."""

_SMALLER = f"keep the column {ARCHITECTURE!r} and those of accuracies"


class Accuracies(NamedTuple):
    """Networks and their accuracies.

    Attributes:
        path: the file of the table; None where there is none.
        sha256: digest of its content.
        column: the column of the accuracies.
        architectures: the networks, all distinct.
        values: the accuracy of each.
        columns: the other columns of numbers, by name; None where a cell is no number.
    """

    path: Path | None
    sha256: str
    column: str
    architectures: list[Network]
    values: list[float]
    columns: dict[str, list[float | None]]

    @property
    def name(self) -> str:
        """What the table is called."""
        return "the accuracies given" if self.path is None else self.path.name

    def sample(self, count: int | None, seed: int) -> "Accuracies":
        """Return ``count`` of the networks, drawn uniformly without replacement; None takes all, in the order of the file.

        A larger sample of the same seed holds the smaller one.

        Raises:
            UserError: a count below 3, or above what there is.
        """
        if count is None:
            return self
        if not LEAST <= count <= len(self.values):
            most = f"at most the {len(self.values):,} architectures of {self.path or self.name}"
            expected = f"{LEAST} or more, and {most}"
            raise UserError(key="count", value=count, expected=expected, remedy="{count}={None} takes all")
        order = list(range(len(self.values)))
        Random(f"{seed}/sample").shuffle(order)
        drawn = order[:count]
        return self._replace(
            architectures=[self.architectures[index] for index in drawn],
            values=[self.values[index] for index in drawn],
            columns={name: [cells[index] for index in drawn] for name, cells in self.columns.items()},
        )


def read_accuracies(path: Path, column: str | None = None) -> Accuracies:
    """Return the content of a CSV file, plain or compressed by gzip.

    Args:
        path: of the file: a column ``architecture``, in any language or naming networks of torchvision and timm
            (``torchvision:resnet18``), and one or more of accuracies.
        column: the column to read; by default the only one of numbers.

    Raises:
        MissingExtraError: timm, of which the file names a network, is not installed.
        UserError: a file that cannot be used; the message names the row, counted from 1 with the header.
    """
    content = _content(path)
    header, rows = _table(path, _text(path, content))
    if not rows:
        what = "has a header and no rows" if header else "is empty"
        raise UserError(f"{path} {what}", expected=f"{LEAST} architectures or more")
    for number, row in rows:
        if len(row) > len(header):
            what = f"{path}, row {number}: {len(row)} cells under {len(header)} columns"
            raise UserError(what, remedy="put an architecture that holds commas in double quotes")
    where = _position(path, header, ARCHITECTURE)
    column = column or _only_numbers(path, header, rows)
    which = _position(path, header, column)
    known: dict[Network, tuple[float, int]] = {}
    firsts: list[list[str]] = []
    for number, row in rows:
        architecture = _architecture(path, number, _cell(row, where))
        accuracy = _accuracy(path, number, column, _cell(row, which))
        before, first = known.setdefault(architecture, (accuracy, number))
        if before != accuracy:
            what = f"{path}, row {number}: {architecture} has {column} {accuracy} here and {before} in row {first}"
            raise UserError(what, remedy="keep one row of it; of several trainings, the mean")
        if first == number:
            firsts.append(row)
    if len(known) < LEAST:
        raise UserError(f"{path} has {len(known)} architectures", expected=f"{LEAST} or more")
    values = [accuracy for accuracy, _ in known.values()]
    others = _columns_of_numbers(header, firsts, without=(ARCHITECTURE, column))
    return Accuracies(path, hashlib.sha256(content).hexdigest(), column, list(known), values, others)


def accuracies_of(known: Mapping[Any, float], column: str = "accuracy") -> Accuracies:
    """Return accuracies that are no file.

    Args:
        known: the accuracy of each network: an architecture, its text, or a name of torchvision or timm.
        column: what the accuracies are called.

    Raises:
        UserError: fewer than 3 networks, one that cannot be read, or an accuracy that is no number.

    Example:
        >>> texts = [f"SuperConvK3BNRELU(3,{width},1,1)" for width in (8, 16, 24)]
        >>> accuracies_of(dict(zip(texts, (70.0, 71.0, 73.0)))).values
        [70.0, 71.0, 73.0]
    """
    values: dict[Network, float] = {}
    for given, accuracy in known.items():
        if not isinstance(accuracy, int | float) or not math.isfinite(accuracy):
            raise UserError(f"{given} has {column} {accuracy!r}", key="accuracies", expected="a number")
        network = _network(given) if isinstance(given, str) else given
        if values.setdefault(network, float(accuracy)) != accuracy:
            what = f"{network} has {column} {values[network]} and {accuracy}"
            raise UserError(what, remedy="give it once; of several trainings, the mean")
    if len(values) < LEAST:
        raise UserError(f"there are {len(values)} architectures", key="accuracies", expected=f"{LEAST} or more")
    content = json.dumps([(str(network), accuracy) for network, accuracy in values.items()]).encode()
    return Accuracies(None, hashlib.sha256(content).hexdigest(), column, list(values), list(values.values()), {})


def _table(path: Path, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and number and cells of each row that is not empty."""
    lines = csv.reader(io.StringIO(text, newline=None), delimiter=_separator(text), strict=True)
    before, cells_read = 0, 0
    records = []
    try:
        for cells in lines:
            if lines.line_num > before + 1:
                raise UserError(f"{path}, row {before + 1}: a double quote is opened there and closed in another row")
            before = lines.line_num
            cells_read += len(cells)
            if cells_read > _MOST_CELLS:
                what = f"{path} has more than {_MOST_CELLS:,} cells"
                raise UserError(what, expected="a table of accuracies", remedy=_SMALLER)
            records.append((before, cells))
            if len(records) > _MOST_ROWS:
                what = f"{path} has more than {_MOST_ROWS:,} rows"
                raise UserError(what, expected="a table of accuracies", remedy="keep fewer")
    except csv.Error as error:
        what = f"{path}, row {before + 1}: it cannot be read as CSV ({error})"
        raise UserError(what, remedy="is a double quote left open?") from None
    header = [name.strip() for name in records[0][1]] if records else []
    return header, [(number, cells) for number, cells in records[1:] if any(cell.strip() for cell in cells)]


def _separator(text: str) -> str:
    """Return what separates cells: a comma, or what spreadsheets of other countries write in its place."""
    header = text.partition("\n")[0]
    return next((other for other in ";\t" if other in header and "," not in header), ",")


def _content(path: Path) -> bytes:
    try:
        if not holds_file(path, _LARGEST, key="path", expected="a table of accuracies", remedy=_SMALLER):
            raise UserError("there is no such file", key="path", value=path, expected=f"a CSV with a column {ARCHITECTURE!r}")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error})", key="path", value=path) from None


def _text(path: Path, content: bytes) -> str:
    try:
        return (_unpacked(path, content) if content.startswith(_GZIP) else content).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text file", expected="a CSV, plain or compressed by gzip") from None
    except (OSError, EOFError, zlib.error):
        raise UserError(f"{path} is damaged, or cut short: gzip cannot read it") from None


def _unpacked(path: Path, content: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        unpacked = file.read(_LARGEST + 1)
    if len(unpacked) > _LARGEST:
        what = f"{path} holds more than {_LARGEST >> 20} MiB once it is unpacked"
        raise UserError(what, expected="a table of accuracies", remedy=_SMALLER)
    return unpacked


def _position(path: Path, header: list[str], name: str) -> int:
    if name not in header:
        hint = nearest(name, header) or "."
        raise UserError(f"{path} has no column {name!r}{hint} Its columns are: {', '.join(header)}", key="column")
    return header.index(name)


def _only_numbers(path: Path, header: list[str], rows: list[tuple[int, list[str]]]) -> str:
    """Return the column that holds numbers, where there is just one."""
    found = [
        name
        for position, name in enumerate(header)
        if name != ARCHITECTURE and any(_number(_cell(row, position)) is not None for _, row in rows)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        remedy = f"choose one by {{column}}=: {', '.join(found)}"
        raise UserError(f"{path} has several columns of numbers", key="column", remedy=remedy)
    raise UserError(f"{path} has no column of numbers but only {', '.join(header)}", key="column")


def _columns_of_numbers(header: list[str], rows: list[list[str]], without: tuple[str, ...]) -> dict[str, list[float | None]]:
    """Return the columns that hold a number anywhere."""
    found = {
        name: [_finite(_cell(row, position)) for row in rows] for position, name in enumerate(header) if name not in without
    }
    return {name: cells for name, cells in found.items() if any(cell is not None for cell in cells)}


def _architecture(path: Path, number: int, text: str) -> Network:
    try:
        return _network(text)
    except (ArchitectureError, UserError) as error:
        raise UserError(f"{path}, row {number}: {error}") from error


def _network(text: str) -> Network:
    return NamedNetwork.parse(text) if is_named_module(text) else parse_architecture(text)


def _accuracy(path: Path, number: int, column: str, text: str) -> float:
    value = _number(text)
    if value is None or not math.isfinite(value):
        what = f"{path}, row {number}: {column} is {repr(text) if text else 'nothing'}"
        raise UserError(what, expected="a number", remedy="correct the row, or remove it")
    return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _finite(text: str) -> float | None:
    value = _number(text)
    return value if value is not None and math.isfinite(value) else None


def _cell(row: list[str], position: int) -> str:
    return row[position].strip() if position < len(row) else ""
