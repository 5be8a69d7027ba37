"""Trials of a tuning and stages of a pipeline, several at a time: on this machine, by submitit and on Ray."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import Zen
from sweep_jobs import is_running
from zen_lightning.launch.job import LOG
from zen_lightning.launch.job_record import read_record

BESIDE = [
    pytest.param(["launcher=joblib", "launcher.jobs=2"], id="joblib"),
    pytest.param(["launcher=slurm_local", "launcher.at_once=2"], id="slurm_local", marks=pytest.mark.long),
    pytest.param(["launcher=ray"], id="ray", marks=pytest.mark.long),
]
TUNE = (
    "task=tune",
    "tune.task=search",
    "tune.metric=score",
    "tune.space={search.population_size:{low:8,high:64}}",
    "tune.trials=2",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give an environment in which processes import the tasks of the tests, and which is that of the tests, too."""
    path = os.pathsep.join([str(Path(__file__).parents[2]), *(path for path in sys.path if path)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return {**os.environ, "PYTHONPATH": path}


@pytest.fixture
def cluster(launcher: list[str]) -> Iterator[None]:
    """Have what a launcher needs; a test is skipped where that is not installed."""
    if launcher[0] == "launcher=slurm_local":
        pytest.importorskip("submitit")
    if launcher[0] != "launcher=ray":
        yield
        return
    ray = pytest.importorskip("ray")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=80 * 2**20)
    yield
    ray.shutdown()


@pytest.mark.parametrize("launcher", BESIDE)
def test_two_trials_run_beside_each_other(
    zen: Zen,
    tmp_path: Path,
    environment: dict[str, str],
    cluster: None,
    launcher: list[str],
) -> None:
    ended = zen(*TUNE, *launcher, "tune.overrides=['task._target_=sweep_tasks.Meet']", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    with (tmp_path / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["complete", "complete"]
    assert [float(row["score"]) for row in rows] == [float(row["search.population_size"]) for row in rows]
    assert [read_record(tmp_path / row["folder"])["state"] for row in rows] == ["done", "done"]
    assert (tmp_path / "trial-000" / LOG).exists()


@pytest.mark.parametrize("launcher", BESIDE)
def test_two_stages_run_beside_each_other_and_before_the_one_that_needs_them(
    zen: Zen,
    tmp_path: Path,
    environment: dict[str, str],
    cluster: None,
    launcher: list[str],
) -> None:
    stages = (
        "stages=[{name:one,overrides:['task._target_=sweep_tasks.Meet']},{name:two,overrides:['task._target_=sweep_tasks.Meet']},"
        "{name:both,overrides:['task._target_=sweep_tasks.AfterBoth','+needs=[@one,@two]']}]"
    )
    ended = zen("task=pipeline", stages, *launcher, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    scores = {name: json.loads((tmp_path / name / "result.json").read_text())["score"] for name in ("one", "two", "both")}
    assert scores["both"] == scores["one"] + scores["two"]
    assert "stage 3 of 3, both: done in " in ended.out


SAVING = "task._target_=sweep_tasks.Saving"
KINDS = [
    pytest.param(
        [*TUNE, f"tune.overrides=['{SAVING}']", "launcher=joblib", "launcher.jobs=2"], "trial-000 trial-001", id="tune"
    ),
    pytest.param(
        ["task=pipeline", f"stages=[{{name:one,overrides:['{SAVING}']}},{{name:two,overrides:['{SAVING}']}}]"],
        "one",
        id="pipeline",
    ),
]


@pytest.mark.long
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 75), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
@pytest.mark.parametrize(("command", "begun"), KINDS)
def test_what_is_stopped_from_outside_saves_and_goes_on(
    tmp_path: Path, environment: dict[str, str], command: list[str], begun: str, signum: signal.Signals, code: int
) -> None:
    def start(*more: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "zen_lightning", *command, f"output_dir={tmp_path}", *more]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "start_new_session": True}
        return subprocess.Popen(words, env=environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]

    running = start()
    files = [tmp_path / name / "begun.txt" for name in begun.split()]
    deadline = time.monotonic() + 120
    while not all(path.exists() and path.read_text() for path in files):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(running.pid, signum)  # As a terminal and a scheduler do.
    out, _ = running.communicate(timeout=60)
    assert running.returncode == code, out
    deadline = time.monotonic() + 20
    while any(is_running(int(path.read_text())) for path in files) and time.monotonic() < deadline:
        time.sleep(0.1)
    for path in files:
        assert not is_running(int(path.read_text()))
        assert (path.parent / "saved.txt").exists() == (signum != signal.SIGKILL)
    if signum == signal.SIGKILL:
        for path in files:
            (path.parent / "saved.txt").write_text("")
    else:
        assert "Traceback" not in out
        assert "continue with resume=" in out
    if begun == "one":
        (tmp_path / "two").mkdir()
        (tmp_path / "two" / "saved.txt").write_text("")
    again = start(*(["resume=auto"] if "task=tune" in command else []))
    out, _ = again.communicate(timeout=120)
    assert again.returncode == 0, out
