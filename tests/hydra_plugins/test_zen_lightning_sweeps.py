"""Sweeps at the command line."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.cli.arguments import prepare
from zen_lightning.config import conf_dir
from zen_lightning.errors import UserError
from zen_lightning.launch.backend import make_backend
from zen_lightning.runs.sweep_file import SWEEP, read_sweep

TASK = "task._target_=sweep_tasks.Seed"

NOTHING_STARTED = [
    (["serach.iterations=1,2"], "unknown key serach.iterations; did you mean 'search.iterations'?"),
    (["search.iteratoins=1,2"], "unknown key search.iteratoins; did you mean 'iterations'?"),
    (["budget=params1M,params2M,params3M"], "budget=params3M: there is no such budget; did you mean "),
    (["seed=1,2,x"], "seed=x: expected a whole number, 0 or more"),
    (["launcher=jobib", "seed=1,2"], "launcher=jobib: there is no such launcher; did you mean 'joblib'?"),
    (["launcher=joblib", "launcher.jbos=3", "seed=1,2"], "unknown key launcher.jbos; did you mean 'jobs'?"),
    (["launcher.retries=-1", "seed=1,2"], "launcher.retries=-1: expected 0 or more"),
]


@pytest.mark.parametrize(("arguments", "message"), NOTHING_STARTED, ids=[" ".join(a) for a, _ in NOTHING_STARTED])
def test_a_mistake_is_told_before_anything_starts(
    zen: Zen,
    tmp_path: Path,
    arguments: list[str],
    message: str,
) -> None:
    folder = tmp_path / "sweep"
    ended = zen("-m", TASK, *arguments, f"output_dir={folder}")
    assert ended.code == 2
    assert ended.err.startswith(f"error: {message}")
    assert "Traceback" not in ended.err
    assert not folder.exists()


@pytest.mark.parametrize("name", sorted(path.stem for path in (conf_dir() / "launcher").glob("*.yaml")))
def test_every_launcher_can_be_made(name: str) -> None:
    from command_line import composed

    if name == "ray":
        pytest.importorskip(name)
    if name.startswith("slurm"):
        pytest.importorskip("submitit")
    assert make_backend(composed(f"launcher={name}")).where


@pytest.mark.slow
def test_a_sweep_with_a_job_that_fails_and_how_it_goes_on(zen: Zen, tmp_path: Path) -> None:
    command = ["-m", "launcher=joblib", "launcher.jobs=2", TASK, "seed=2,3,4"]
    ended = zen(*command, f"output_dir={tmp_path}")
    assert ended.code == 1
    assert "3 jobs, 2 at a time" in ended.out
    assert "2 done, 1 failed" in ended.out
    assert f"job 1 failed (seed=3): ZeroDivisionError: seed 3 is odd\n    in {tmp_path}/1-" in ended.out
    found = read_sweep(tmp_path)
    assert found is not None
    assert [job["objective"] for job in found["jobs"]] == [2.0, None, 4.0]
    before = json.loads((tmp_path / found["jobs"][0]["folder"] / "job.json").read_text())
    again = zen(f"resume={tmp_path}", f"trust={tmp_path}", "launcher=serial")
    assert again.code == 1
    assert "3 jobs, one after another" in again.out
    assert "2 of them done before" in again.out
    assert json.loads((tmp_path / found["jobs"][0]["folder"] / "job.json").read_text()) == before
    other = zen(*command[:-1], "seed=2,5", f"output_dir={tmp_path}")
    assert (other.code, "holds another sweep, whose job 1 was " in other.err) == (2, True)


def test_resume_replays_a_sweep_with_what_is_given_now(tmp_path: Path) -> None:
    command = ["--config-dir", "mine", "-m", "launcher=joblib", "seed=1,2", "launcher.jobs=2"]
    (tmp_path / SWEEP).write_text(json.dumps({"command": command, "jobs": []}))
    here = f"hydra.sweep.dir='{tmp_path}'"
    began = ["--config-dir", "mine", "-m"]
    assert prepare([f"resume={tmp_path}", f"trust={tmp_path}"]) == [
        *began,
        "launcher=joblib",
        "seed=1,2",
        "launcher.jobs=2",
        here,
    ]
    assert prepare(["-m", f"resume={tmp_path}", f"trust={tmp_path}", "launcher=ray"]) == [
        *began,
        "seed=1,2",
        "launcher=ray",
        here,
    ]
    with pytest.raises(UserError, match="unless it names the folder of a sweep"):
        prepare(["-m", f"resume={tmp_path / 'nowhere'}"])


def test_a_sweep_that_is_continued_finds_its_configuration_where_it_was_begun(tmp_path: Path) -> None:
    command = ["--config-dir", "mine", "-m", "--config-path=/there", "seed=1,2"]
    (tmp_path / SWEEP).write_text(json.dumps({"command": command, "directory": "/begun", "jobs": []}))
    here = f"hydra.sweep.dir='{tmp_path}'"
    assert prepare([f"resume={tmp_path}", f"trust={tmp_path}"]) == [
        "--config-dir",
        "/begun/mine",
        "-m",
        "--config-path=/there",
        "seed=1,2",
        here,
    ]
