"""What every journal keeps to: nothing damaged is taken for sound, nothing sound is lost."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system import journal as module
from zen_lightning.system.journal import Journal, changes, read_lines, sound_lines

IDENTITY = {"version": "9.9", "seed": 3, "proxy": {"name": "zen", "gamma": 0.01}}
RECORDS: list[dict[str, Any]] = [{"number": number, "text": f'a "crc":{number},' * number} for number in range(6)]


class Notes(Journal):
    """Records as they are."""

    mark = "notes"
    name = "book of notes"
    subject = "author"
    owner = "author is still writing"
    anew = "Begin another book"

    def __init__(self, path: Path, identity: dict[str, Any] = IDENTITY) -> None:
        self.records: list[dict[str, Any]] = []
        super().__init__(path, identity)

    def take(self, record: dict[str, Any]) -> None:
        self.records.append({"number": record["number"], "text": record["text"]})


def written(path: Path, records: list[dict[str, Any]] = RECORDS) -> bytes:
    with Notes(path) as notes:
        for record in records:
            notes.append(record)
    return path.read_bytes()


def old(content: bytes) -> bytes:
    """Return a journal as releases wrote it before there were checksums."""
    lines = [json.loads(line) for line in content.splitlines()]
    return b"".join(
        json.dumps({key: line[key] for key in line if key != "crc"}, separators=(",", ":")).encode() + b"\n" for line in lines
    )


def read(path: Path) -> list[dict[str, Any]]:
    with Notes(path) as notes:
        return notes.records


def test_what_was_written_is_read_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "new" / "notes.jsonl"
    written(path, RECORDS[:2])
    assert read(path) == RECORDS[:2]
    written(path, RECORDS[2:])
    assert read(path) == RECORDS
    assert all(isinstance(json.loads(line)["crc"], int) for line in path.read_text().splitlines())


def test_a_kill_at_any_byte_loses_at_most_the_last_record(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    whole = written(path)
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        kept = max(0, whole[:end].count(b"\n") - 1)
        assert read(path) == RECORDS[:kept]
        written(path, RECORDS[kept:])
        assert path.read_bytes() == whole


def test_old_files_have_no_checksums_and_are_continued_with_them(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    before = old(written(path, RECORDS[:3]))
    path.write_bytes(before)
    assert read(path) == RECORDS[:3]
    assert written(path, RECORDS[3:]).startswith(before)
    assert read(path) == RECORDS
    content = path.read_bytes().replace(b'"number":1', b'"number":7', 1)
    path.write_bytes(content)
    with pytest.raises(UserError, match="line 5 is damaged"):  # The first that has a checksum, which is of all before it.
        read(path)


def test_no_flipped_bit_changes_what_is_read(tmp_path: Path) -> None:
    """Each is refused with a sentence, or costs the last record at most."""
    path = tmp_path / "notes.jsonl"
    whole = written(path)
    refused = 0
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << Random(position).randrange(8)
        path.write_bytes(damaged)
        try:
            assert read(path) in (RECORDS, RECORDS[:-1])
        except UserError:
            refused += 1
            assert path.read_bytes() == damaged, "what is refused is left alone"
    assert refused > 0.5 * len(whole)


@pytest.mark.parametrize("first", range(1, 6))
def test_lines_removed_doubled_or_swapped_are_refused(tmp_path: Path, first: int) -> None:
    path = tmp_path / "notes.jsonl"
    lines = written(path).splitlines(keepends=True)
    for changed in (
        lines[:first] + lines[first + 1 :],
        lines[:first] + [lines[first]] * 2 + lines[first + 1 :],
        [*lines[:first], lines[first + 1], lines[first], *lines[first + 2 :]],
    ):
        path.write_bytes(b"".join(changed))
        with pytest.raises(UserError, match=r"line \d is damaged: restore the file from a copy, or keep its first \d lines"):
            read(path)


def test_a_damaged_line_says_what_to_do_and_that_helps(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    whole = written(path)
    path.write_bytes(whole.replace(b'"number":3', b'"number":4', 1))
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}, line 5 is damaged: restore the file from a copy, or keep its first 4 lines, to repeat only what followed "
        "them. Begin another book"
    )
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    assert read(path) == RECORDS[:3]
    assert written(path, RECORDS[3:]) == whole


@pytest.mark.parametrize("record", [{"number": 1}, {"other": 2}])
def test_records_of_something_else_are_refused(tmp_path: Path, record: dict[str, Any]) -> None:
    path = tmp_path / "notes.jsonl"
    written(path, [*RECORDS, record])
    with pytest.raises(UserError, match="line 8 is damaged"):
        read(path)


@pytest.mark.parametrize("depth", [10, 100_000])
def test_deep_or_foreign_lines_are_no_records(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "notes.jsonl"
    whole = written(path)
    for line in (b"[" * depth + b"]" * depth, b"7", b'"text"', b"\xff\x00", b"9" * 5000):
        path.write_bytes(whole + line + b"\n" + b"{}\n")
        with pytest.raises(UserError, match="line 8 is damaged"):
            read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"my precious notes\n", "is not a book of notes: move it away"),
        (b"my precious notes\nof two lines\n", "is not a book of notes: move it away"),
        (b"{x", "is not a book of notes: move it away"),
        (b'{"notes":2,"identity":{}}\n', "is not a book of notes that this version reads: move it away. Begin another book"),
        (b'{"notes":1}\n', "is not a book of notes that this version reads"),
        (b'{"notes":1,"ident\n{}\n', "line 1 is damaged: restore the file from a copy, or move it away"),
    ],
)
def test_what_is_no_journal_is_left_alone(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        Notes(path)
    assert path.read_bytes() == content


def test_another_identity_is_refused_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "notes.jsonl"
    written(path)
    other = {**IDENTITY, "seed": 4, "proxy": {"name": "zen", "gamma": 1}}
    with pytest.raises(
        UserError, match=r"belongs to another author: proxy.gamma was 0.01, now 1; seed was 3, now 4. Begin anoth"
    ):
        Notes(path, other)
    with pytest.raises(UserError, match=r"version was 9.9, now 10.0"):
        Notes(path, {**IDENTITY, "version": "10.0"})
    monkeypatch.setattr(module, "CONTINUED", {"9.9"})
    Notes(path, {**IDENTITY, "version": "10.0"}).close()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with Notes(tmp_path / "notes.jsonl"), pytest.raises(UserError, match="is in use: the author is still writing"):
        Notes(tmp_path / "notes.jsonl")
    Notes(tmp_path / "notes.jsonl").close()


def test_a_record_is_in_the_file_before_it_is_closed(tmp_path: Path) -> None:
    with Notes(tmp_path / "notes.jsonl") as notes:
        notes.append(RECORDS[0])
        assert (tmp_path / "notes.jsonl").read_bytes().count(b"\n") == 2


def test_files_of_others_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":[2]}\n{"c":3')
    with path.open("rb") as file:
        found = read_lines(file, path, "")
        assert (found.records, found.end) == ([{"a": 1}, {"b": [2]}], 18)
        file.seek(0)
        assert [record for record, _ in sound_lines(file)] == found.records


def test_changes_name_what_is_not_the_same() -> None:
    found = changes({"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 4})
    assert found == {"b": "b was 2, now None", "c": "c was 3, now 4"}


def test_a_line_without_end_is_damage_and_not_all_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Notes(tmp_path / "notes.jsonl", {"seed": 0}) as notes:
        notes.append({"a": 1})
    with (tmp_path / "notes.jsonl").open("ab") as file:
        file.truncate(file.tell() + 20 * 10**9)  # Zeros, as a file system that was not unmounted may leave; they take no room.
    monkeypatch.setattr(module, "_LONGEST_LINE", 2**20)
    with pytest.raises(UserError, match="line 3 is damaged"):
        Notes(tmp_path / "notes.jsonl", {"seed": 0})


def test_a_long_line_is_parsed_only_with_its_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_UNCHECKED", 100)
    path = tmp_path / "notes.jsonl"
    with Notes(path, {"seed": 0}) as notes:
        notes.append({"number": 1, "text": "x" * 1000})
        notes.append({"number": 2, "text": ""})
    sound = path.read_bytes()
    with Notes(path, {"seed": 0}):
        pass
    assert path.read_bytes() == sound
    path.write_bytes(sound.replace(b"xx", b"xy", 1))
    with pytest.raises(UserError, match="line 2 is damaged"):
        Notes(path, {"seed": 0})
