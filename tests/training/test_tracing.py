"""Traces of some steps."""

import json
from pathlib import Path
from typing import Any

import pytest

from training.conftest import Training
from training.test_resume import _Kill, _Killed
from zen_lightning.errors import UserError
from zen_lightning.training.tracing import TraceSteps


def events(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["traceEvents"]
    return found


@pytest.mark.parametrize(("steps", "epochs", "traced"), [(2, 3, 2), (99, 1, 5), (4, 1, 4)])
def test_so_many_steps_are_traced_once(tmp_path: Path, steps: int, epochs: int, traced: int) -> None:
    told: list[tuple[int, int]] = []
    aside: list[bool] = []
    path = tmp_path / "trace.json"
    callback = TraceSteps(path, steps, lambda operations, count: told.append((len(operations), count)), aside.append)
    Training(tmp_path, callback, recipe={"epochs": epochs, "warmup_epochs": 0}).run()
    names = [event.get("name", "") for event in events(path)]
    assert sum(name == "Optimizer.step#SGD.step" for name in names) == traced
    assert {name for name in names if name.startswith("ProfilerStep#")} == {f"ProfilerStep#{step}" for step in range(traced)}
    assert told == [(len(callback.operations), traced)]
    assert aside == ([True, False] if traced < 5 * epochs else [])  # Of five steps, the other would see none.
    first = callback.operations[0]
    assert [one.milliseconds for one in callback.operations] == sorted(
        (one.milliseconds for one in callback.operations), reverse=True
    )
    assert 0 < first.share < 1
    backward = next(one for one in callback.operations if one.name == "aten::convolution_backward")
    assert backward.calls == 5 * traced  # Five convolutions.


def test_tracing_changes_nothing(undisturbed: Training, tmp_path: Path) -> None:
    traced = Training(tmp_path, TraceSteps(tmp_path / "trace.json", 4)).run()
    for before, after in zip(undisturbed.history.rows, traced.history.rows, strict=True):
        assert {**before, "seconds": 0} == {**after, "seconds": 0}


def test_a_training_that_ends_meanwhile_leaves_no_half_a_trace(tmp_path: Path) -> None:
    aside: list[bool] = []
    with pytest.raises(_Killed):
        Training(tmp_path, TraceSteps(tmp_path / "trace.json", 9, around=aside.append), _Kill(6, "middle")).run()
    assert not (tmp_path / "trace.json").exists()
    assert aside == [True, False]


def test_what_is_continued_is_traced_from_where_it_goes_on(tmp_path: Path) -> None:
    with pytest.raises(_Killed):
        Training(tmp_path, _Kill(12, "start"), every_steps=1).run()
    callback = TraceSteps(tmp_path / "trace.json", 9)
    Training(tmp_path, callback).run()
    backward = next(one for one in callback.operations if one.name == "aten::convolution_backward")
    assert backward.calls == 5 * 3  # Three steps are left.
    again = TraceSteps(tmp_path / "again.json", 2)
    Training(tmp_path, again).run()
    assert not (tmp_path / "again.json").exists()  # None is left.


@pytest.mark.parametrize("steps", [0, -1, 1.5, True])
def test_what_it_refuses(tmp_path: Path, steps: Any) -> None:
    with pytest.raises(UserError, match="expected a whole number, 1 or more"):
        TraceSteps(tmp_path / "trace.json", steps)
