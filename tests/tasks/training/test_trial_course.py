"""A training as a trial of a study: reported after each epoch, and stopped when it is pruned."""

from pathlib import Path

import pytest

from command_line import Zen
from training_commands import train
from zen_lightning.system.json_files import read_json
from zen_lightning.tasks.many.tune_space import Choices
from zen_lightning.tasks.many.tune_study import Pruning, owned_study
from zen_lightning.tasks.training.trial_course import VARIABLE, trial_callbacks, trial_environment

SPACE = {"x": Choices(("1", "2")).distribution()}


def study_with(folder: Path, rivals: float) -> None:
    """Make a study with two whole trials that had ``rivals`` after each epoch, and one that is to be run."""
    with owned_study(folder, {}, "maximize") as study:
        for _ in range(2):
            trial = study.ask(SPACE)
            for epoch in (1, 2):
                trial.report(rivals, epoch)
            study.tell(trial, rivals)
        study.ask(SPACE)


@pytest.mark.parametrize(("rivals", "epochs"), [(101.0, [1]), (-1.0, [1, 2])])
def test_a_training_that_is_behind_stops_at_the_next_epoch(
    zen: Zen,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rivals: float,
    epochs: list[int],
) -> None:
    study_with(tmp_path / "study", rivals)
    environment = trial_environment(tmp_path / "study", 2, "val_top1", Pruning("median", 2, 0, 2))
    monkeypatch.setenv(VARIABLE, environment[VARIABLE])
    run = tmp_path / "run"
    ended = zen(*train(run))
    assert ended.code == 0, ended.err
    with owned_study(tmp_path / "study", {}, "maximize") as study:
        reported = study.get_trials()[2].intermediate_values
    assert list(reported) == epochs
    pruned = len(epochs) == 1
    assert ((run / "pruned.json").exists(), (run / "result.json").exists()) == (pruned, not pruned)
    if pruned:
        assert read_json(run / "pruned.json", "").content == {"epochs": 1, "val_top1": pytest.approx(reported[1])}
        monkeypatch.delenv(VARIABLE)
        ended = zen(f"resume={run}")  # By hand it goes on to the end, from the epoch that was saved.
        assert ended.code == 0, ended.err
        assert "epoch    1" not in ended.out
        assert (run / "result.json").exists()


def test_a_training_of_its_own_reports_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert trial_callbacks(tmp_path) == []
