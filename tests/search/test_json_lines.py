"""Files of JSON lines, whole and cut short."""

from pathlib import Path

import pytest

from zen_lightning.search import json_lines


def test_what_a_kill_cut_short_is_left_out_and_dropped(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    whole = json_lines.encoded({"a": 1}) + json_lines.encoded({"b": [2]})
    path.write_bytes(whole + b'{"c":3')
    with path.open("a+b") as file:
        assert json_lines.read_whole(file) == ([{"a": 1}, {"b": [2]}], len(whole))
        json_lines.cut(file, len(whole))
        file.write(json_lines.encoded({"d": 4}))
    assert path.read_bytes() == whole + b'{"d":4}\n'


@pytest.mark.parametrize(("content", "foreign"), [(b"", False), (b'{"ma', False), (b'{"mark":1', False), (b"hello", True)])
def test_a_header_cut_short_is_not_foreign(tmp_path: Path, content: bytes, foreign: bool) -> None:
    (tmp_path / "lines.jsonl").write_bytes(content)
    assert json_lines.is_foreign(tmp_path / "lines.jsonl", "mark") is foreign


def test_changes_name_what_is_not_the_same() -> None:
    found = json_lines.changes({"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 4})
    assert found == {"b": "b was 2, now None", "c": "c was 3, now 4"}
