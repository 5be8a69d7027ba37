"""The record of scores: what is kept, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.correlate.record import ScoreRecord
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Score
from zen_lightning.search.pool import Outcome

IDENTITY = {"accuracies": "sha256 1f", "seed": 0}
SETTINGS: dict[str, Any] = {"_target_": "a.B", "batch_size": 4}
OUTCOMES = {
    "first": Outcome(Score(0.1 + 0.2, None, (1.5, -2.0)), 0.25),
    "second": Outcome(Score(3.0, 0.5), 0.5),
    "third": Outcome(None, 0.125, "it has no relu"),
}


def filled(path: Path) -> None:
    record = ScoreRecord(path, IDENTITY)
    record.join("naswot", SETTINGS)
    for name, outcome in OUTCOMES.items():
        record.add(name, "naswot", outcome)
    record.close()


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    filled(tmp_path / "run" / "scores.jsonl")
    record = ScoreRecord(tmp_path / "run" / "scores.jsonl", IDENTITY)
    assert {name: record.get(name, "naswot") for name in OUTCOMES} == OUTCOMES
    assert record.get("first", "other") is None
    assert record.get("fourth", "naswot") is None
    record.close()


@pytest.mark.parametrize("cut", [1, 20])
def test_a_line_cut_short_is_dropped(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "scores.jsonl"
    filled(path)
    path.write_bytes(path.read_bytes()[:-cut])
    record = ScoreRecord(path, IDENTITY)
    record.join("naswot", SETTINGS)
    assert record.get("second", "naswot") == OUTCOMES["second"]
    assert record.get("third", "naswot") is None
    record.add("third", "naswot", OUTCOMES["third"])
    record.close()
    assert [json.loads(line).get("architecture") for line in path.read_text().splitlines()] == [None, None, *OUTCOMES]


def test_a_kill_at_any_byte_loses_at_most_the_last_line(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    filled(path)
    whole = path.read_bytes()
    for end in range(0, len(whole), 5):
        path.write_bytes(whole[:end])
        record = ScoreRecord(path, IDENTITY)
        record.join("naswot", SETTINGS)
        record.close()
        content = path.read_bytes()
        assert content.startswith(whole[: whole[:end].rfind(b"\n") + 1])
        assert all(json.loads(line) for line in content.splitlines())


def test_it_is_on_disk_before_it_is_closed(tmp_path: Path) -> None:
    record = ScoreRecord(tmp_path / "scores.jsonl", IDENTITY)
    record.join("naswot", SETTINGS)
    record.add("first", "naswot", OUTCOMES["first"])
    assert (tmp_path / "scores.jsonl").read_text().count("\n") == 3
    record.close()


def test_another_run_is_refused_and_the_difference_named(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    filled(path)
    before = path.read_bytes()
    with pytest.raises(UserError, match="belongs to another run: seed was 0, now 1"):
        ScoreRecord(path, {**IDENTITY, "seed": 1})
    record = ScoreRecord(path, IDENTITY)
    with pytest.raises(UserError, match=r"naswot.batch_size was 4, now 8; naswot.gamma was None, now 0.1"):
        record.join("naswot", {**SETTINGS, "batch_size": 8, "gamma": 0.1})
    record.join("flops", {})
    record.close()
    assert path.read_bytes().startswith(before)


@pytest.mark.parametrize(
    "content", [b"architecture,top1\n", b"{}\n", b'{"zen_lightning_scores":9,"identity":{}}\n', b"{"[:1] + b"x"]
)
def test_files_that_are_no_record_are_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match="is not a record"):
        ScoreRecord(path, IDENTITY)
    assert path.read_bytes() == content


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    record = ScoreRecord(tmp_path / "scores.jsonl", IDENTITY)
    with pytest.raises(UserError, match="is in use"):
        ScoreRecord(tmp_path / "scores.jsonl", IDENTITY)
    record.close()
