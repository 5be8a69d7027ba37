"""The trials of a tuning; commands are played by a function."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.tasks.many import tune_trials
from zen_lightning.tasks.many.tune_files import write_results
from zen_lightning.tasks.many.tune_space import read_space
from zen_lightning.tasks.many.tune_study import Pruning, owned_study
from zen_lightning.tasks.many.tune_trials import Plan, counted, next_trial, run_trial

SPACE = read_space({"recipe.lr": {"low": 0.0, "high": 1.0}, "recipe.mixup": [0, 0.2]})
Play = Callable[[list[str], Path], int]


def plan(trials: int, metric: str = "val_top1") -> Plan:
    return Plan("train", ["arch=net.txt"], SPACE, metric, "tpe", Pruning("none", 5, 1, 3), trials, 0)


def tune(folder: Path, play: Play, wanted: Plan, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run trials, and return the states of all."""
    monkeypatch.setattr(tune_trials, "run_command", lambda overrides, place, *_: play(overrides, place))
    with owned_study(folder, {}, "maximize") as (study, file):
        while (trial := next_trial(study, wanted)) is not None:
            run_trial(study, wanted, folder, *trial, file)
        write_results(study, wanted, folder, 1.0)
        return [trial.state.name for trial in counted(study)]


def succeed(overrides: list[str], place: Path) -> int:
    lr = float(next(override for override in overrides if override.startswith("recipe.lr=")).partition("=")[2])
    place.mkdir(parents=True, exist_ok=True)
    (place / "result.json").write_text(json.dumps({"val_top1": 100 * lr, "note": "x"}))
    return 0


def test_the_best_is_kept_with_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tune(tmp_path, succeed, plan(6), monkeypatch) == ["COMPLETE"] * 6
    result = json.loads((tmp_path / "result.json").read_text())
    values = [json.loads(path.read_text())["val_top1"] for path in sorted(tmp_path.glob("trial-*/result.json"))]
    assert (result["value"], result["best_trial"]) == (max(values), values.index(max(values)))
    assert result["overrides"][:2] == ["task=train", "arch=net.txt"]
    assert set(result["importance"]) == set(SPACE)
    assert f"value: {result['value']}" in (tmp_path / "best.yaml").read_text()
    assert len((tmp_path / "trials.csv").read_text().splitlines()) == 7
    assert tune(tmp_path, succeed, plan(8), monkeypatch) == ["COMPLETE"] * 8


def test_a_trial_that_was_stopped_goes_on_and_all_is_as_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tune(tmp_path / "whole", succeed, plan(4), monkeypatch)
    left = [75, 143, 130]

    def stopped(overrides: list[str], place: Path) -> int:
        return left.pop() if place.name == "trial-002" and left else succeed(overrides, place)

    for code in (130, 143, 75):
        with pytest.raises(SystemExit) as stop:
            tune(tmp_path / "parts", stopped, plan(4), monkeypatch)
        assert stop.value.code == code
    tune(tmp_path / "parts", stopped, plan(4), monkeypatch)
    whole, parts = (
        [line.split(",")[:5] for line in (tmp_path / name / "trials.csv").read_text().splitlines()]
        for name in ("whole", "parts")
    )
    assert whole == parts


def test_a_result_that_is_there_is_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(overrides: list[str], place: Path) -> int:
        succeed(overrides, place)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path, killed, plan(1), monkeypatch)
    assert tune(tmp_path, lambda *_: pytest.fail("ran again"), plan(1), monkeypatch) == ["COMPLETE"]


def test_trials_that_fail_are_told_and_the_first_three_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def play(overrides: list[str], place: Path) -> int:
        ran.append(place.name)
        if place.name == "trial-001":
            return 2
        return 137 if place.name == "trial-002" else succeed(overrides, place)

    assert tune(tmp_path / "a", play, plan(4), monkeypatch) == ["COMPLETE", "FAIL", "FAIL", "COMPLETE"]
    assert ran.count("trial-001") == 1
    assert ran.count("trial-002") == 2  # Killed from outside: once more.
    rows = (tmp_path / "a" / "trials.csv").read_text().splitlines()
    assert (rows[2].endswith("ended with code 2"), rows[3].endswith("killed by signal 9")) == (True, True)
    with pytest.raises(UserError, match="the first 3 trials all failed"):
        tune(tmp_path / "b", lambda *_: 2, plan(9), monkeypatch)
    assert "trial 0 failed: ended with code 2" in capsys.readouterr().err


def test_a_figure_that_is_not_there_names_those_that_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no such figure; did you mean 'val_top1'\\? It has: val_top1"):
        tune(tmp_path, succeed, plan(2, "val_top"), monkeypatch)
    assert tune(tmp_path, succeed, plan(2), monkeypatch) == ["COMPLETE"] * 2


def test_what_was_pruned_keeps_its_last_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(overrides: list[str], place: Path) -> int:
        if place.name != "trial-001":
            return succeed(overrides, place)
        place.mkdir(parents=True)
        (place / "pruned.json").write_text("{}")
        return 0

    assert tune(tmp_path, play, plan(2), monkeypatch) == ["COMPLETE", "PRUNED"]
    result: dict[str, Any] = json.loads((tmp_path / "result.json").read_text())
    assert (result["complete"], result["pruned"], result["failed"]) == (1, 1, 0)
