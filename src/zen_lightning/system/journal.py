"""Journals: files of JSON lines that are appended to, and continued after a kill at any moment."""

import json
import os
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, NamedTuple, Self

from zen_lightning.errors import UserError
from zen_lightning.system.failing_disk import naming
from zen_lightning.system.json_text import parse_json
from zen_lightning.system.locks import lock
from zen_lightning.system.ordinary_file import holds_file

CONTINUED = frozenset({"0.1.0"})
"""Releases whose journals this one continues: their scores agree, as the tests on ``tests/data/old_runs`` show."""

MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading a record raises that is not what it should be."""

_LONGEST_LINE = 2**28
"""Bytes of the longest line. A choice: the first record of a search has 250 for each network of its population."""

_LONGEST_UNCHECKED = 2**24
"""Bytes of the longest line that is parsed without the right checksum: what is parsed may take 25 times as much memory."""

_MOST_VALUES = 2**21
"""Values of a line, those in lists and objects too, which may take 200 MB. A choice: a network of a population has some ten."""

_FORMAT = 1
_CRC = b',"crc":'


class Journal(ABC):
    """An append-only file of JSON lines: a header that says whose it is, then records.

    Use it as a context manager, or close it.
    A last line cut short by a kill is dropped. Every line ends with the CRC-32 of all that precedes it in the file, so that a
    line that was changed, removed, doubled or moved is refused; files of releases before that have none, and are read. One
    process at a time has the file.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what makes it this run's journal; continuing one with another identity is an error. May be nested.

    Attributes:
        path: as given.
        mark: class attribute, the first key of the file.
        name: class attribute, what the file is, for messages: ``"journal of a search"``.
        subject: class attribute, what it belongs to: ``"search"``.
        owner: class attribute, who has the file if it is in use.
        anew: class attribute, how to begin another one.
        durable: class attribute, whether each record is on disk before the run goes on; else they are when it is closed, and
            a machine that goes down may lose the last ones.
        defaults: class attribute, values of dotted identity keys that older files do not hold.

    Raises:
        UserError: the file belongs to something else, is in use, is damaged, or is no such journal.
    """

    mark: ClassVar[str]
    name: ClassVar[str]
    subject: ClassVar[str]
    owner: ClassVar[str]
    anew: ClassVar[str]
    durable: ClassVar[bool] = False
    defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        holds_file(path)
        self._crc = 0  # of all that the file holds.
        self._file: IO[bytes] = open(path, "a+b")  # noqa: SIM115  (it stays open)
        try:
            lock(self._file, path, self.owner)
            with naming(path):
                self._read(json.loads(json.dumps(identity)))
        except BaseException:
            with suppress(OSError):  # What could not be written is tried once more.
                self._file.close()
            raise

    @abstractmethod
    def take(self, record: dict[str, Any]) -> None:
        """Take in a record of an earlier run; called for each, in order, before the constructor returns.

        Raises:
            KeyError, IndexError, TypeError, ValueError: it is not one of this journal.
        """

    def append(self, record: dict[str, Any]) -> None:
        """Write a record."""
        line = checked_line(record, self._crc)
        self._crc = zlib.crc32(line, self._crc)
        with naming(self.path):
            self._file.write(line)
            self._file.flush()
            if self.durable:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; another process may then continue it."""
        if not self._file.closed:
            with naming(self.path):
                os.fsync(self._file.fileno())
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def require_same(self, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
        """Raise a UserError that names what differs between two identities, nested or flat."""
        before, now = (dict(self.defaults) | dict(_leaves(node)) for node in (theirs, ours))
        if before.get("version") in CONTINUED and "version" in now:
            before["version"] = now["version"]
        differing = changes(before, now)
        if differing:
            remedy = self.remedy(before, list(differing))
            raise UserError(f"{self.path} belongs to another {self.subject}: {'; '.join(differing.values())}. {remedy}")

    def remedy(self, before: Mapping[str, Any], differing: list[str]) -> str:
        """Return what to do where dotted keys of the identity differ from those ``before``."""
        return self.anew

    def damaged(self, number: int) -> UserError:
        """Return the error that says so of a line, counted from 1."""
        return _damaged(self.path, number, self.anew)

    def _read(self, identity: dict[str, Any]) -> None:
        """Take in the whole lines, and cut the file after them."""
        start = f'{{"{self.mark}"'.encode()
        self._file.seek(0)
        if not start.startswith(self._file.read(len(start))):
            raise UserError(f"{self.path} is not a {self.name}: move it away")
        records, end, self._crc = read_lines(self._file, self.path, self.anew)
        if records:
            if records[0].get(self.mark) != _FORMAT or not isinstance(records[0].get("identity"), dict):
                raise UserError(f"{self.path} is not a {self.name} that this version reads: move it away. {self.anew}")
            self.require_same(records[0]["identity"], identity)
        for number, record in enumerate(records[1:], start=2):
            try:
                self.take(record)
            except MALFORMED as error:
                raise self.damaged(number) from error
        cut(self._file, end)
        if not records:
            self.append({self.mark: _FORMAT, "identity": identity})


def checked_line(record: dict[str, Any], crc: int) -> bytes:
    """Return the line of a record.

    Args:
        record: with one field at least.
        crc: CRC-32 of all that precedes the line in the file.
    """
    line = json.dumps(record, separators=(",", ":")).encode()[:-1]
    return b"%b%b%d}\n" % (line, _CRC, zlib.crc32(line, crc))


class Lines(NamedTuple):
    """The whole lines of a file.

    Attributes:
        records: the object of each, without its checksum.
        end: where a line that was cut short begins, in bytes.
        crc: CRC-32 of all before ``end``.
    """

    records: list[dict[str, Any]]
    end: int
    crc: int


def read_lines(file: IO[bytes], path: Path, remedy: str) -> Lines:
    """Read a file of JSON lines up to a last line that a kill cut short.

    Args:
        file: open.
        path: of the file, for the error.
        remedy: what to do instead of mending it, a sentence without its stop, for the error.

    Raises:
        UserError: a line that is not cut short is damaged.
    """
    file.seek(0)
    records: list[dict[str, Any]] = []
    end = crc = 0
    for record, line in sound_lines(file):
        records.append(record)
        crc = zlib.crc32(line, crc)
        end += len(line)
    file.seek(end)
    rest = file.read(_LONGEST_LINE)
    if len(rest) == _LONGEST_LINE or b"\n" in rest:  # What a kill has left of a line does not end.
        raise _damaged(path, len(records) + 1, remedy)
    return Lines(records, end, crc)


def sound_lines(file: IO[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the object of each line, without its checksum, and the line, up to the first that is cut short or damaged."""
    crc, checked = 0, False
    while line := file.readline(_LONGEST_LINE):
        if len(line) > _LONGEST_UNCHECKED and not line.endswith(b"%b%d}\n" % (_CRC, _crc_of(line, crc))):
            return
        record, checksum = _parsed(line)
        if record is None or (checksum is None and checked):
            return
        if checksum is not None and checksum != _crc_of(line, crc):
            return
        yield record, line
        checked = checksum is not None
        crc = zlib.crc32(line, crc)


def cut(file: IO[bytes], end: int) -> None:
    """Drop what stands after ``end``, and go there."""
    file.truncate(end)
    file.seek(0, os.SEEK_END)


def changes(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, str]:
    """Return what differs between two flat mappings, by key, as a sentence each."""
    differing = sorted(key for key in {**theirs, **ours} if theirs.get(key) != ours.get(key))
    return {key: f"{key} was {theirs.get(key)}, now {ours.get(key)}" for key in differing}


def _parsed(line: bytes) -> tuple[dict[str, Any] | None, int | None]:
    """Return the object of a line, None for none, and its checksum, None where it has none."""
    try:
        record = parse_json(line, _MOST_VALUES)
    except (ValueError, RecursionError):
        return None, None
    if not line.endswith(b"}\n") or not isinstance(record, dict):
        return None, None
    return record, record.pop("crc", None) if line.rpartition(_CRC)[2][:-2].isdigit() else None


def _crc_of(line: bytes, crc: int) -> int:
    """Return the CRC-32 that a line should end with, after what precedes it."""
    return zlib.crc32(line[: max(0, line.rfind(_CRC))], crc)


def _damaged(path: Path, number: int, remedy: str) -> UserError:
    keep = f"keep its first {number - 1} lines, to repeat only what followed them" if number > 1 else "move it away"
    return UserError(f"{path}, line {number} is damaged", remedy=f"restore the file from a copy, or {keep}. {remedy}")


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) for each value of nested mappings."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
