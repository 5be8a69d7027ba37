"""JSON files as anybody may have written them: a sentence with file and field, whatever they hold."""

from codecs import BOM_UTF8
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.csv_files import read_csv, write_csv
from zen_lightning.system.json_files import LargerError, read_json, write_json
from zen_lightning.system.schema import COUNT, FLAG, TEXT, TEXTS, Each, ListOf, Number, Record

KIND = Record(
    {
        "name": TEXT,
        "jobs": ListOf(Record({"job": COUNT}, required=("job",))),
        "shares": Each(Number(0, 1)),
        "on": FLAG,
        "all": TEXTS,
    },
    required=("name",),
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"damaged or cut short \(line 1: Expecting value\)"),
        (b'{"name": "a",\n "jobs": [', r"damaged or cut short \(line 2"),
        (b"\xff\xfe{}", "no UTF-8 text"),
        (b"[1]", "holds no JSON object"),
        (b"[" * 100_000, "no JSON of this project"),
        (b'{"name": "a", "x": ' + b"[" * 40 + b"]" * 40 + b"}", r"x\[0\].* is nested more than 32 levels deep"),
        (b'{"name": "a", "x": 1' + b"0" * 5000 + b"}", "no JSON of this project"),
        (b'{"name": "a", "x": 1' + b"0" * 400 + b"}", "x is a number too large"),
        (b'{"name": "a", "x": ["\\ud800"]}', r"x\[0\] is no Unicode text"),
        (b'{"name": "a", "\\ud800": 1}', "is no Unicode text"),
        (b"{}", "name is missing"),
        (b'{"name": null}', "name is missing"),
        (b'{"name": 3}', "name is 3, not text"),
        (b'{"name": "a", "jobs": {}}', r"jobs is \{\}, not a list"),
        (b'{"name": "a", "jobs": [{"job": 1}, {"job": -1}]}', r"jobs\[1\]\.job is -1, not a whole number of 0 or more"),
        (b'{"name": "a", "jobs": [{}]}', r"jobs\[0\]\.job is missing"),
        (b'{"name": "a", "jobs": [3]}', r"jobs\[0\] is 3, not an object"),
        (b'{"name": "a", "shares": {"x": 0.5, "y": 1.5}}', "shares.y is 1.5, not a number of 0 or more and 1 or less"),
        (b'{"name": "a", "shares": {"x": true}}', "shares.x is true, not a number"),
        (b'{"name": "a", "on": 1}', "on is 1, not true or false"),
        (b'{"name": "a", "all": "text"}', "all is .*, not a list"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"some\.json.*{message}.*: run it again"):
        read_json(path, "run it again", KIND)


def test_what_is_right_is_read(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text('{"name": "a", "jobs": null, "shares": {"x": NaN}, "more": [1]}')
    found = read_json(path, "run it again", KIND)
    assert (found.content["name"], found.content["more"], found.checked) == ("a", [1], False)


def test_what_an_editor_has_saved_again_is_read(tmp_path: Path) -> None:
    """Editors of Windows put a byte order mark in front, and a carriage return at the end of each line."""
    path = tmp_path / "some.json"
    write_json(path, {"name": "a"})
    path.write_bytes(BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))
    found = read_json(path, "run it again", KIND)
    assert (found.content, found.checked) == ({"name": "a"}, True)
    write_csv(tmp_path / "some.csv", ["epoch"], [["1"]], checksum=False)
    (tmp_path / "some.csv").write_bytes(BOM_UTF8 + (tmp_path / "some.csv").read_bytes())
    assert read_csv(tmp_path / "some.csv", "run it again", ["epoch"]).rows == [["1"]]


@pytest.mark.parametrize("text", ["Zähler", "搜索网络结构", "\udcff" * 9])
def test_what_is_written_is_no_larger_than_what_may_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.json"
    content = {"name": text * 100}
    write_json(path, content)
    size = path.stat().st_size
    path.unlink()
    with pytest.raises(LargerError):
        write_json(path, content, largest=size - 1)
    assert not path.exists()
    if text[0] < "\ud800":
        write_json(path, content, largest=size)
        assert read_json(path, "run it again", largest=size).content == content


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is a folder, and must be a file: run it again"):
        read_json(tmp_path, "run it again")
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "none.json", "run it again")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n3\n", r"line 3: 1 fields, and the header has 2"),
        (b"a,b\n1,2,3\n", r"line 2: 3 fields, and the header has 2"),
        (b"a,b\n1,\xff\n", "no UTF-8 text"),
        (b"a\n1\n", "has no column b"),
        (b"", "has no column b"),
        (b'a,b\n1,"' + b"x" * (2**24 + 1) + b'"\n', "line 2: it has more than 16,777,216 characters"),
    ],
)
def test_tables(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"some\.csv.*{message}.*: run it again"):
        read_csv(path, "run it again", ["b"])


def test_as_many_values_as_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(b'{"name": [' + b"[]," * 2**20 + b"1]}")
    with pytest.raises(UserError, match=r"some\.json cannot be used: it holds more than 2,097,152 values: run it again"):
        read_json(path, "run it again", KIND)


def test_the_place_of_what_no_file_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text('{"name": "a", "x": [{"y": [1, 2]}, {"y": [3, "\\ud800"]}]}')
    with pytest.raises(UserError, match=r"cannot be used: x\[1\]\.y\[1\] is no Unicode text"):
        read_json(path, "run it again", KIND)
