"""A task is added from outside the package by one class and one YAML."""

from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.config import conf_dir
from zen_lightning.report.html.report import section_maker
from zen_lightning.runs.result import read_result
from zen_lightning.tasks.passing import task_named

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
    assert ended.out.splitlines()[0] == f"in {folder / 'run'}:"
    assert ended.out.splitlines()[1].strip() == "result.json"


def test_its_section_is_in_its_report_also_when_that_is_built_again(zen: Zen, folder: Path) -> None:
    conf, run = f"--config-dir={folder / 'conf'}", folder / "run"
    assert zen(conf, "task=count", "times=2", f"output_dir={run}").code == 0
    assert "<p>6 letters</p>" in (run / "report.html").read_text()
    (run / "report.html").unlink()
    ended = zen(conf, "task=report", f"run={run}", f"output_dir={folder / 'again'}")
    assert ended.code == 0, ended.err
    assert "<p>6 letters</p>" in (run / "report.html").read_text()


def test_the_report_of_a_task_that_is_gone_shows_the_result(zen: Zen, folder: Path) -> None:
    run = folder / "run"
    assert zen(f"--config-dir={folder / 'conf'}", "task=count", f"output_dir={run}").code == 0
    (folder / "conf" / "task" / "count.yaml").unlink()
    assert zen("task=report", f"run={run}", f"output_dir={folder / 'again'}").code == 0
    page = (run / "report.html").read_text()
    assert "<p>3 letters</p>" not in page
    assert "letters" in page


@pytest.mark.parametrize("name", sorted(path.stem for path in (conf_dir() / "task").glob("*.yaml")))
def test_the_sections_of_every_task_are_there(name: str) -> None:
    for section in task_named(name).sections:
        assert callable(section_maker(section)), section


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
