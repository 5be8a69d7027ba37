"""Runs below a folder, finished or not."""

import json
from pathlib import Path

import pytest

from run_files import leave, pipeline, trained
from zen_lightning.errors import UserError
from zen_lightning.runs import finding
from zen_lightning.runs.finding import find_runs

TRAIN = ["task=train", "arch=net.txt", "seed=1"]


def test_every_state_is_told_with_what_to_do(tmp_path: Path) -> None:
    leave(tmp_path / "a" / "whole", TRAIN, trained("digits", 90.0))
    leave(tmp_path / "unfinished", TRAIN, None)
    leave(tmp_path / "cut", TRAIN, '{"val_top1": 9')
    leave(tmp_path / "list", TRAIN, "[1]")
    leave(tmp_path / "failed", TRAIN, None, record=False)
    (leave(tmp_path / "pruned", TRAIN, None) / "pruned.json").write_text("{}")
    leave(tmp_path / "unnamed", TRAIN, '{"val', record=False)
    found = find_runs([tmp_path])
    assert [run.folder.name for run in found.runs] == ["whole"]
    told = {one.folder.name: (one.state, one.advice) for one in found.incomplete}
    assert set(told) == {"unfinished", "cut", "list", "failed", "pruned", "unnamed"}
    assert told["unfinished"][1] == f"python run.py resume={tmp_path}/unfinished"
    assert told["unfinished"][0].startswith("unfinished; last written to 0 s ago")
    for name, why in (
        ("cut", "is damaged or cut short (line 1: Expecting ',' delimiter)"),
        ("list", "cannot be used: it holds no JSON object"),
    ):
        assert told[name] == (f"{tmp_path}/{name}/result.json {why}", f"python run.py resume={tmp_path}/{name}")
    for name in ("failed", "unnamed"):
        assert told[name][1] == f"python run.py task=train arch=net.txt seed=1 output_dir={tmp_path}/{name}"
    assert told["pruned"][0].startswith("pruned")


def test_a_record_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = leave(tmp_path / "run", TRAIN, trained("digits", 90.0))
    (folder / "command.json").write_text('{"asked')  # What Hydra recorded may be of a later command.
    found = find_runs([tmp_path])
    assert (found.runs, len(found.incomplete)) == ([], 1)
    assert "record of overrides cannot be read" in found.incomplete[0].state
    (folder / "command.json").unlink()
    assert find_runs([tmp_path]).runs[0].overrides == {"task": "train", "arch": "net.txt", "seed": "1"}
    (folder / ".hydra" / "overrides.yaml").write_text("- 'a")
    found = find_runs([tmp_path])
    assert not found.runs
    assert "record of overrides cannot be read" in found.incomplete[0].state


def test_what_began_the_run_goes_before_hydras_record(tmp_path: Path) -> None:
    folder = leave(tmp_path / "run", TRAIN, trained("digits", 90.0))
    (folder / ".hydra" / "overrides.yaml").write_text("- task=train\n- seed=7\n")
    assert find_runs([tmp_path]).runs[0].overrides["seed"] == "1"


def test_pipelines_count_as_their_stages(tmp_path: Path) -> None:
    whole = {"search": {"proxy": "zen", "score": 9.0}, "cifar10": trained("cifar10", 96.0)}
    pipeline(tmp_path / "one", ["experiment=zen", "seed=3"], whole)
    pipeline(tmp_path / "two", ["experiment=zen", "seed=4"], {**whole, "cifar10": None})
    found = find_runs([tmp_path])
    assert [(run.folder.parent.name, run.stage, run.overrides["seed"]) for run in found.runs] == [
        ("one", "cifar10", "3"),
        ("one", "search", "3"),
        ("two", "search", "4"),
    ]
    assert found.incomplete[0].state.startswith("stopped in its stage cifar10")
    assert found.incomplete[0].advice == f"python run.py task=pipeline experiment=zen seed=4 output_dir={tmp_path}/two"


def test_a_folder_counts_once_and_sums_are_left_out(tmp_path: Path) -> None:
    leave(tmp_path / "run", TRAIN, trained("digits", 90.0))
    leave(tmp_path / "sum", ["task=aggregate"], {"task": "aggregate"}, record=False)
    (tmp_path / "link").symlink_to(tmp_path / "run")
    assert len(find_runs([tmp_path, tmp_path / "run"]).runs) == 1


def test_jobs_of_a_sweep_that_left_nothing_are_told(tmp_path: Path) -> None:
    leave(tmp_path / "0", TRAIN, trained("digits", 90.0))
    leave(tmp_path / "1", TRAIN, None)
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "job.json").write_text("{}")
    states = ["done", "failed", "killed", "waiting"]
    jobs = [
        {"job": n, "overrides": [], "folder": str(n), "state": state, "error": "signal 9" * (n == 2)}
        for n, state in enumerate(states)
    ]
    (tmp_path / "sweep.json").write_text(json.dumps({"command": [], "jobs": jobs}))
    found = find_runs([tmp_path])
    assert [run.folder.name for run in found.runs] == ["0"]
    assert [one.folder.name for one in found.incomplete] == ["1", "2", "3"]
    assert found.incomplete[1].state == "job 2 of a sweep, killed, left nothing: signal 9"
    assert found.incomplete[2].state == "job 3 of a sweep, waiting, left nothing"
    assert {one.advice for one in found.incomplete[1:]} == {f"python run.py resume={tmp_path}"}
    (tmp_path / "sweep.json").write_text("{")
    assert "sweep.json is damaged" in find_runs([tmp_path]).incomplete[-1].state


def test_the_folder_of_the_run_under_way_is_left_out(tmp_path: Path) -> None:
    leave(tmp_path, ["task=aggregate"], None, record=False)
    leave(tmp_path / "run", TRAIN, trained("digits", 90.0))
    found = find_runs([tmp_path], without=tmp_path)
    assert (len(found.runs), found.incomplete) == (1, [])


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name, message in (("file", "is a file"), ("nowhere", "there is no such folder")):
        with pytest.raises(UserError, match=message):
            find_runs([tmp_path / name])


def test_a_whole_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_MOST_BARE", 10)
    leave(tmp_path / "outputs" / "run", TRAIN, trained("digits", 90.0))
    for number in range(20):  # Folders of a run do not count, however many they are.
        (tmp_path / "outputs" / "run" / str(number)).mkdir()
    for number in range(8):
        (tmp_path / str(number)).mkdir()
    assert len(find_runs([tmp_path]).runs) == 1
    (tmp_path / "8").mkdir()
    with pytest.raises(UserError, match="more than 10 folders below it hold no run; name the folder that the runs are in"):
        find_runs([tmp_path])
