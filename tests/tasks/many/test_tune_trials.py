"""The trials of a tuning; commands are played by a function."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.launch.backend import Backend
from zen_lightning.launch.job import Job, how_exited
from zen_lightning.launch.job_record import Ended, State, write_begun, write_ended
from zen_lightning.system.json_files import write_json
from zen_lightning.tasks.many.tune_files import write_results
from zen_lightning.tasks.many.tune_space import read_space
from zen_lightning.tasks.many.tune_study import Pruning, owned_study
from zen_lightning.tasks.many.tune_trials import Plan, counted, run_trials

SPACE = read_space({"recipe.lr": {"low": 0.0, "high": 1.0}, "recipe.mixup": [0, 0.2]})
Play = Callable[[list[str], Path], int]


def plan(trials: int, metric: str = "val_top1") -> Plan:
    return Plan("train", ["arch=net.txt"], SPACE, metric, "tpe", Pruning("none", 5, 1, 3), trials, 0)


class Played(Backend):
    """Calls a function in place of each command; the one that was begun last ends first."""

    where = "in a play"

    def __init__(self, play: Play, at_once: int = 1) -> None:
        self.play = play
        self.at_once = at_once
        self.most = 0

    def _start(self, jobs: Sequence[Job]) -> Sequence[Job]:
        return jobs

    def _wait(self, handles: Sequence[Job]) -> Sequence[Job]:
        self.most = max(self.most, len(handles))
        return handles[-1:]

    def _outcome(self, handle: Job, job: Job) -> Ended:
        code = self.play(list(job.overrides), Path(job.folder))
        if code == 137:
            return Ended(State.KILLED, error="its process was killed", code=code)
        return Ended(*how_exited(code)[:1], error=how_exited(code)[1], code=code)

    def _stop(self, handles: Sequence[Job]) -> None: ...


def tune(folder: Path, play: Play, wanted: Plan, backend: Played | None = None) -> list[str]:
    """Run trials, and return the states of all."""
    with owned_study(folder, {}, "maximize") as study:
        run_trials(study, wanted, folder, backend or Played(play), lambda number: None)
        write_json(folder / "result.json", write_results(study, wanted, folder))
        return [trial.state.name for trial in counted(study)]


def succeed(overrides: list[str], place: Path) -> int:
    lr = float(next(override for override in overrides if override.startswith("recipe.lr=")).partition("=")[2])
    place.mkdir(parents=True, exist_ok=True)
    (place / "result.json").write_text(json.dumps({"val_top1": 100 * lr, "note": "x"}))
    return 0


def test_the_best_is_kept_with_its_command(tmp_path: Path) -> None:
    assert tune(tmp_path, succeed, plan(6)) == ["COMPLETE"] * 6
    result = json.loads((tmp_path / "result.json").read_text())
    values = [json.loads(path.read_text())["val_top1"] for path in sorted(tmp_path.glob("trial-*/result.json"))]
    assert (result["value"], result["best_trial"]) == (max(values), values.index(max(values)))
    assert result["overrides"][:2] == ["task=train", "arch=net.txt"]
    assert set(result["importance"]) == set(SPACE)
    assert f"value: {result['value']}" in (tmp_path / "best.yaml").read_text()
    assert len((tmp_path / "trials.csv").read_text().splitlines()) == 7
    assert tune(tmp_path, succeed, plan(8)) == ["COMPLETE"] * 8


def test_a_trial_that_was_stopped_goes_on_and_all_is_as_without(tmp_path: Path) -> None:
    tune(tmp_path / "whole", succeed, plan(4))
    left = [75, 143, 130]

    def stopped(overrides: list[str], place: Path) -> int:
        return left.pop() if place.name == "trial-002" and left else succeed(overrides, place)

    for code in (130, 143, 75):
        with pytest.raises(SystemExit) as stop:
            tune(tmp_path / "parts", stopped, plan(4))
        assert stop.value.code == code
    tune(tmp_path / "parts", stopped, plan(4))
    whole, parts = (
        [line.split(",")[:5] for line in (tmp_path / name / "trials.csv").read_text().splitlines()]
        for name in ("whole", "parts")
    )
    assert whole == parts


def test_a_result_that_is_there_is_not_computed_again(tmp_path: Path) -> None:
    def killed(overrides: list[str], place: Path) -> int:
        succeed(overrides, place)
        write_ended(place, 0, overrides, Ended(State.DONE))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path, killed, plan(1))
    assert tune(tmp_path, lambda *_: pytest.fail("ran again"), plan(1)) == ["COMPLETE"]


def test_trials_that_fail_are_told_and_the_first_three_end_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []

    def play(overrides: list[str], place: Path) -> int:
        ran.append(place.name)
        if place.name == "trial-001":
            return 2
        return 137 if place.name == "trial-002" else succeed(overrides, place)

    assert tune(tmp_path / "a", play, plan(4)) == ["COMPLETE", "FAIL", "FAIL", "COMPLETE"]
    assert ran.count("trial-001") == 1
    assert ran.count("trial-002") == 2  # Killed from outside: once more.
    rows = (tmp_path / "a" / "trials.csv").read_text().splitlines()
    assert rows[2].endswith("it ended with code 2")
    assert rows[3].endswith('"its process was killed, 2 times"')
    with pytest.raises(UserError, match="the first 3 trials all failed"):
        tune(tmp_path / "b", lambda *_: 2, plan(9))
    assert "trial 0 failed: it ended with code 2" in capsys.readouterr().err


def test_a_trial_that_fails_after_its_result_has_failed(tmp_path: Path) -> None:
    """As ``debug=overfit`` does, which judges the training that has ended."""

    def play(overrides: list[str], place: Path) -> int:
        return succeed(overrides, place) or 2 * (place.name == "trial-001")

    assert tune(tmp_path, play, plan(3)) == ["COMPLETE", "FAIL", "COMPLETE"]


def test_a_trial_that_failed_after_its_result_has_failed_after_a_restart(tmp_path: Path) -> None:
    def killed(overrides: list[str], place: Path) -> int:
        succeed(overrides, place)
        write_ended(place, 0, overrides, Ended(State.FAILED, error="it has not learned", code=2))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path, killed, plan(1))
    with pytest.raises(UserError, match="the first 1 trials all failed"):
        tune(tmp_path, lambda *_: pytest.fail("ran again"), plan(1))


@pytest.mark.parametrize("record", ["none", "running", "stopped"])
def test_a_trial_whose_end_is_not_recorded_is_judged_after_a_restart(record: str, tmp_path: Path) -> None:
    """Between its result and its end a command may still fail: it is given again, and finds its result."""
    ran: list[str] = []

    def killed(overrides: list[str], place: Path) -> int:
        succeed(overrides, place)
        if record == "running":
            write_begun(place, 1, overrides, "")
        if record == "stopped":
            write_ended(place, 1, overrides, Ended(State.STOPPED, error="it was stopped", code=130))
        if place.name == "trial-001":
            raise KeyboardInterrupt
        return 0

    def judged(overrides: list[str], place: Path) -> int:
        ran.append(place.name)
        return succeed(overrides, place) or 2 * (place.name == "trial-001")

    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path, killed, plan(3))
    assert tune(tmp_path, judged, plan(3)) == ["COMPLETE", "FAIL", "COMPLETE"]
    assert ran == ["trial-001", "trial-002"]


def test_a_metric_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such metric; did you mean 'val_top1'\\? It has: val_top1"):
        tune(tmp_path, succeed, plan(2, "val_top"))
    assert tune(tmp_path, succeed, plan(2)) == ["COMPLETE"] * 2


def test_what_was_pruned_keeps_its_last_value(tmp_path: Path) -> None:
    def play(overrides: list[str], place: Path) -> int:
        if place.name != "trial-001":
            return succeed(overrides, place)
        place.mkdir(parents=True)
        (place / "pruned.json").write_text("{}")
        return 0

    assert tune(tmp_path, play, plan(2)) == ["COMPLETE", "PRUNED"]
    result: dict[str, Any] = json.loads((tmp_path / "result.json").read_text())
    assert (result["complete"], result["pruned"], result["failed"]) == (1, 1, 0)


def test_several_at_a_time_know_of_each_other_and_go_on_together(tmp_path: Path) -> None:
    backend = Played(succeed, at_once=3)
    assert tune(tmp_path / "a", succeed, plan(7), backend) == ["COMPLETE"] * 7
    assert backend.most == 3

    def stopped(overrides: list[str], place: Path) -> int:
        return 75 if place.name == "trial-004" else succeed(overrides, place)

    with pytest.raises(SystemExit) as stop:
        tune(tmp_path / "b", succeed, plan(7), Played(stopped, at_once=3))
    assert stop.value.code == 75
    with owned_study(tmp_path / "b", {}, "maximize") as study:
        states = [trial.state.name for trial in study.get_trials()]
        before = study.get_trials()[4].params
    assert states.count("RUNNING") == 1  # Those that ran beside it were let end.
    assert tune(tmp_path / "b", succeed, plan(7), Played(succeed, at_once=2)) == ["COMPLETE"] * 7
    with owned_study(tmp_path / "b", {}, "maximize") as study:
        assert study.get_trials()[4].params == before


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_what_is_drawn_before_tpe_has_ten_results_is_the_same_however_many_run(tmp_path: Path, sampler: str) -> None:
    def drawn(at_once: int) -> list[dict[str, Any]]:
        folder = tmp_path / str(at_once)
        tune(folder, succeed, plan(14)._replace(sampler=sampler), Played(succeed, at_once))
        with owned_study(folder, {}, "maximize") as study:
            return [trial.params for trial in study.get_trials()]

    one, several = drawn(1), drawn(4)
    assert one[:10] == several[:10]
    assert (one == several) == (sampler == "random")
    assert len({trial["recipe.lr"] for trial in several}) == 14
