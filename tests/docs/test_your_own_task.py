"""The task of docs/your_own_task.md, from outside the package."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.runs.result import read_result
from zen_lightning.testing import check_task

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your_own_task.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Write the files of the page, and return the arguments that run its task."""
    text = PAGE.read_text(encoding="utf-8")
    (tmp_path / "my_conf" / "task").mkdir(parents=True)
    for language, path in (("python", "my_tasks.py"), ("yaml", "my_conf/task/count.yaml")):
        match = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
        assert match is not None
        (tmp_path / path).write_text(match[1].removeprefix(f"# {path}\n"))
    monkeypatch.syspath_prepend(str(tmp_path))
    return f"--config-dir={tmp_path / 'my_conf'}", "task=count"


def test_it_runs(zen: Zen, example: tuple[str, str], tmp_path: Path) -> None:
    ended = zen(*example, "times=2", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    assert read_result(tmp_path / "run")["letters"] == 6


def test_mistakes_are_answered_as_the_page_says(zen: Zen, example: tuple[str, str]) -> None:
    assert zen(*example, "word=z3n", "times=x", "task=validate").out.startswith("2 problems")
    slip = zen(*example, "tmes=2").err
    assert "unknown key tmes; did you mean 'times'?" in slip
    assert "unknown key tmes; did you mean 'times'?" in PAGE.read_text(encoding="utf-8")


def test_it_keeps_to_what_every_task_does(example: tuple[str, str], tmp_path: Path) -> None:
    check_task(import_module("my_tasks").Count, tmp_path / "my_conf", "times=2")


def test_its_section_is_in_the_report(zen: Zen, example: tuple[str, str], tmp_path: Path) -> None:
    assert zen(*example, "times=2", f"output_dir={tmp_path / 'run'}").code == 0
    assert "<p>6 letters</p>" in (tmp_path / "run" / "report.html").read_text()
