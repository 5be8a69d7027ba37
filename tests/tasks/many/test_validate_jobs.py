"""Jobs of a sweep and stages of a pipeline are validated as what they are: commands that go on where they were."""

import sys
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.search.restarts import journal_path


def test_what_a_stage_has_done_is_no_problem(zen: Zen, tmp_path: Path) -> None:
    _begin_search(tmp_path / "search")
    ended = zen("experiment=quickstart", f"output_dir={tmp_path}", "task=validate")
    assert (ended.code, "already holds" in ended.out) == (0, False)
    alone = zen("search=zen", f"output_dir={tmp_path / 'search'}", "task=validate")
    assert (alone.code, "already holds a search" in alone.out) == (1, True)


def test_a_job_has_a_folder_of_its_own(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _begin_search(tmp_path / "outputs" / "experiment" / "quickstart-1" / "search")
    ended = zen("-m", "experiment=quickstart", "seed=1", "task=validate")
    assert (ended.code, "already holds" in ended.out) == (0, False)
    (tmp_path / "file").write_text("")
    ended = zen("-m", "seed=1,2", "output_dir=file", "task=validate")
    assert (ended.code, ended.out.count("output_dir=file: file is a file")) == (1, 1)


def test_the_launcher_of_a_sweep_is_made(zen: Zen) -> None:
    ended = zen("-m", "launcher=joblib", "launcher.jobs=0", "seed=1,2", "task=validate")
    assert (ended.code, ended.out.count("launcher.jobs=0")) == (1, 1)
    assert "expected 1 or more" in ended.out


def test_what_a_launcher_needs_is_told(zen: Zen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    ended = zen("-m", "launcher=slurm", "seed=1,2", "task=validate")
    assert (ended.code, "zen-lightning[sweeps]" in ended.out) == (1, True)


@pytest.mark.parametrize("command", [["experiment=quickstart"], ["task=tune", "tune.space={recipe.lr:[1,2]}"]])
def test_the_launcher_of_stages_and_trials_is_made(zen: Zen, command: list[str]) -> None:
    ended = zen(*command, "launcher=joblib", "launcher.jobs=0", "task=validate")
    assert (ended.code, ended.out.count("launcher.jobs=0")) == (1, 1), ended.out


def _begin_search(folder: Path) -> None:
    journal = journal_path(folder, 0)
    journal.parent.mkdir(parents=True)
    journal.write_text("")
