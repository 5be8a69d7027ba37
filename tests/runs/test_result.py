import json
from pathlib import Path

import pytest

from zen_lightning.runs.result import FORMAT, Header, ResultError, read_result, write_result

HEADER = Header("search", 3, "cpu", 0.0)


def test_every_result_has_the_header(tmp_path: Path) -> None:
    write_result(tmp_path, HEADER, {"score": 1.5})
    found = read_result(tmp_path)
    assert next(iter(found)) == "task"
    assert {key: found[key] for key in ("task", "seed", "device", "finished", "format", "score")} == {
        "task": "search",
        "seed": 3,
        "device": "cpu",
        "finished": True,
        "format": FORMAT,
        "score": 1.5,
    }
    assert found["seconds"] > 0
    assert "python" in found["versions"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"score": "high"}, 'score is "high", not a number'),
        ({"versions": [1]}, "versions is [1], not an object"),
        ({"seed": True}, "seed is true, not a whole number"),
        ({"format": FORMAT + 1}, "was written by a later release: update zen-lightning"),
    ],
)
def test_the_sentence_names_file_and_field(tmp_path: Path, content: dict[str, object], sentence: str) -> None:
    (tmp_path / "result.json").write_text(json.dumps(content))
    with pytest.raises(ResultError) as caught:
        read_result(tmp_path, "arch")
    assert str(caught.value).startswith(f"arch={tmp_path}: {tmp_path}/result.json")
    assert sentence in str(caught.value).replace("; ", ": ")


def test_proxies_are_a_list_or_named(tmp_path: Path) -> None:
    for proxies in ([{"proxy": "zen"}], {"zen": {}}):
        (tmp_path / "result.json").write_text(json.dumps({"proxies": proxies}))
        assert read_result(tmp_path)["proxies"] == proxies


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\x80"])
def test_damage_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text, encoding="latin-1")
    with pytest.raises(ResultError, match="is damaged"):
        read_result(tmp_path)


def test_results_without_a_header_are_read(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"score": 1}')
    assert read_result(tmp_path) == {"score": 1}
