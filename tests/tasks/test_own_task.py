"""A task is added from outside the package by one class and one YAML."""

from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.runs.result import read_result

YAML = """# @package _global_
task: {name: count, _target_: own_task.Count}
word: zen
times: 1
output_dir: outputs/count
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conf" / "task").mkdir(parents=True)
    (tmp_path / "conf" / "task" / "count.yaml").write_text(YAML)
    return tmp_path


def test_it_runs_and_leaves_a_result_under_the_header(zen: Zen, folder: Path) -> None:
    ended = zen(f"--config-dir={folder / 'conf'}", "task=count", "times=2", f"output_dir={folder / 'run'}")
    assert ended.code == 0, ended.err
    result = read_result(folder / "run")
    assert (result["task"], result["letters"], result["finished"], result["seed"]) == ("count", 6, True, 0)
    assert (folder / "run" / "report.html").is_file()


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("tmes=2", "unknown key tmes; did you mean 'times'?"),
        ("recipe.lr=1", "task=count does not read recipe.lr."),
        ("times=x", "times: Value 'x' of type 'str' could not be converted to Integer"),
        ("word=z3n", "word=z3n: expected letters only"),
    ],
)
def test_its_keys_are_checked(zen: Zen, folder: Path, override: str, sentence: str) -> None:
    ended = zen(f"--config-dir={folder / 'conf'}", "task=count", override, f"output_dir={folder / 'run'}")
    assert ended.code == 2
    assert ended.err.startswith(f"error: {sentence}")


def test_validation_asks_its_checks(zen: Zen, folder: Path) -> None:
    command = (f"--config-dir={folder / 'conf'}", "task=count", f"output_dir={folder / 'run'}", "task=validate")
    ended = zen(*command)
    assert ended.code == 0
    assert "times    1" in ended.out
    ended = zen(*command, "word=z3n", "times=x")
    assert ended.code == 1
    assert ended.out.startswith("2 problems")
    assert not (folder / "run").exists()
