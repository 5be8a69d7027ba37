"""The study of a tuning, kept in a journal."""

import sys
from pathlib import Path

import pytest

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.tasks.many.tune_space import Interval
from zen_lightning.tasks.many.tune_study import (
    JOURNAL,
    Pruning,
    import_optuna,
    load_study,
    mend,
    owned_study,
    seeded_sampler,
)

SPACE = {"x": Interval(0.0, 1.0, False, None).distribution()}


def drawn(folder: Path, numbers: range, value: float = 1.0) -> list[float]:
    """Draw trials in one sitting."""
    with owned_study(folder, {"seed": 0}, "maximize") as study:
        found = []
        for number in numbers:
            study.sampler = seeded_sampler("tpe", 0, number)
            trial = study.ask(SPACE)
            found.append(trial.params["x"])
            study.tell(trial, value * trial.params["x"])
        return found


def test_an_interruption_changes_no_draw(tmp_path: Path) -> None:
    whole = drawn(tmp_path / "whole", range(14))
    parts = drawn(tmp_path / "parts", range(5)) + drawn(tmp_path / "parts", range(5, 14))
    assert whole == parts
    assert len(set(whole)) == 14
    assert drawn(tmp_path / "other", range(14), value=-1.0)[10:] != whole[10:]  # TPE learns from the first ten.


def test_what_a_kill_leaves_is_cleared(tmp_path: Path) -> None:
    drawn(tmp_path, range(2))
    path = tmp_path / JOURNAL
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code": 3, "tri')
    lock = path.with_name(path.name + ".lock")
    lock.symlink_to("nowhere")
    mend(tmp_path)
    assert path.read_bytes() == whole
    assert not lock.is_symlink()
    assert len(drawn(tmp_path, range(2, 3))) == 1


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        owned_study(tmp_path, {}, "maximize"),
        pytest.raises(UserError, match="is in use: the tuning in this folder"),
        owned_study(tmp_path, {}, "maximize"),
    ):
        pass


def test_another_tuning_is_not_continued(tmp_path: Path) -> None:
    tuning = {"seed": 0, "tune.metric": "val_top1", "tune.pruner": "median"}
    with owned_study(tmp_path, {**tuning, "tune.metric": "last_top9", "tune.pruner": "none"}, "maximize"):
        pass
    with owned_study(tmp_path, tuning, "maximize") as study:
        study.tell(study.ask(SPACE), 1.0)
    for key, value, message in (
        ("seed", 1, "seed was 0, now 1"),
        ("tune.metric", "params", "tune.metric was val_top1, now params"),
        ("tune.pruner", "none", "tune.pruner was median, now none"),
    ):
        with pytest.raises(UserError, match=message), owned_study(tmp_path, {**tuning, key: value}, "maximize"):
            pass


def test_without_optuna_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"task=tune needs the package 'optuna': pip install 'zen-lightning\[tune\]'"):
        import_optuna()


def test_damage_is_noticed(tmp_path: Path) -> None:
    drawn(tmp_path, range(3))
    path = tmp_path / JOURNAL
    sound = path.read_bytes()
    lines = sound.splitlines(keepends=True)
    for at in range(len(lines) - 1):
        for content in ([*lines[:at], *lines[at + 1 :]], [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]):
            path.write_bytes(b"".join(content))
            with pytest.raises(UserError, match=rf"study\.log, line {at + 1} is damaged"):
                drawn(tmp_path, range(3, 4))
    path.write_bytes(sound.replace(b'"values":[0.', b'"values":[9.', 1))
    with pytest.raises(UserError, match="is damaged"):
        drawn(tmp_path, range(3, 4))


def test_processes_append_in_turn_and_a_torn_line_is_dropped(tmp_path: Path) -> None:
    with owned_study(tmp_path, {}, "maximize") as study:
        other = load_study(tmp_path, Pruning("none", 0, 0, 1))
        trial = study.ask(SPACE)
        import_optuna().trial.Trial(other, other.get_trials(deepcopy=False)[0]._trial_id).report(0.5, 1)
        with (tmp_path / JOURNAL).open("ab") as file:
            file.write(b'{"op_code": 7, "tri')  # Another trial, killed as it reported.
        study.tell(trial, 1.0)
    mend(tmp_path)
    with owned_study(tmp_path, {}, "maximize") as study:
        assert study.get_trials()[0].intermediate_values == {1: 0.5}
        assert study.get_trials()[0].values == [1.0]
