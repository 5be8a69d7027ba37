"""Jobs in processes of this machine: one that dies harms no other, and Ctrl-C leaves none running."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing import forkserver
from pathlib import Path

import pytest

from sweep_jobs import is_running, seeds, source
from sweep_tasks import STRAY
from zen_lightning.errors import UserError
from zen_lightning.launch import child, local
from zen_lightning.launch.job import LOG, Job
from zen_lightning.launch.job_record import Ended, State
from zen_lightning.launch.local import LocalJobs, SerialJobs


def wait_for(*paths: Path) -> None:
    deadline = time.monotonic() + 60
    while not all(path.exists() and path.read_text() for path in paths):
        assert time.monotonic() < deadline, f"{paths} did not appear"
        time.sleep(0.05)


def test_one_that_fails_stops_no_other(tmp_path: Path) -> None:
    told: list[str] = []
    ended = {job.number: ended for job, ended in LocalJobs(jobs=2).run(source(seeds(tmp_path, 2, 3, 4)), told.append)}
    assert [(ended[n].state, ended[n].objective) for n in range(3)] == [
        (State.DONE, 2.0),
        (State.FAILED, None),
        (State.DONE, 4.0),
    ]
    assert ended[1].error == "ZeroDivisionError: seed 3 is odd"
    assert (tmp_path / "2" / LOG).read_text() == "the seed is 4\n"
    assert told == []


def test_one_that_is_killed_is_run_again_once(tmp_path: Path) -> None:
    told: list[str] = []
    jobs = seeds(tmp_path, 1, 2, 3, task="DeadlyOnce")
    ended = {job.number: ended for job, ended in LocalJobs(jobs=2).run(source(jobs), told.append)}
    assert [ended[n].state for n in range(3)] == [State.DONE, State.DONE, State.KILLED]
    assert ended[2].error == "its process was killed by SIGKILL (out of memory?), 2 times"
    assert sorted(told) == [
        f"job {number}: its process was killed by SIGKILL (out of memory?); it is run again" for number in (0, 2)
    ]


def test_a_job_has_its_share_of_the_cores_and_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "available_cores", lambda: 5)
    assert LocalJobs(threads=2).where == "2 at a time, 2 threads each"
    assert LocalJobs().where == "5 at a time, 1 thread each"
    assert LocalJobs(gpus=[0, 1]).where == "2 at a time, 2 threads each"
    backend = LocalJobs(jobs=2, threads=1, gpus=[3, "MIG-1"])
    list(backend.run(source(seeds(tmp_path, 1, 2, task="Surroundings")), print))
    has = {(tmp_path / str(number) / "has.txt").read_text() for number in (0, 1)}
    assert has == {"1 1 3", "1 1 MIG-1"}


def test_one_after_another_in_the_order_in_which_they_are_handed_out(tmp_path: Path) -> None:
    ended = [(job.number, ended.state) for job, ended in SerialJobs().run(source(seeds(tmp_path, 2, 3)), print)]
    assert ended == [(0, State.DONE), (1, State.FAILED)]
    assert not (tmp_path / "0" / LOG).exists()


def test_ctrl_c_as_a_job_starts_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else knows it yet, and Python would wait for it as it ends."""

    @contextmanager
    def interrupted() -> Iterator[None]:
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "ending_with_this", interrupted)
    (job,) = seeds(tmp_path, 2)
    before = set(multiprocessing.active_children())
    with pytest.raises(KeyboardInterrupt):
        child.Child(job)
    assert set(multiprocessing.active_children()) <= before


def test_ctrl_c_does_not_reach_the_process_that_jobs_are_forked_from(tmp_path: Path) -> None:
    """It would say so in a traceback, if it still imports."""
    (job,) = seeds(tmp_path, 2)
    assert child.Child(job).ended().state == State.DONE
    status = Path(f"/proc/{forkserver._forkserver._forkserver_pid}/status").read_text()  # type: ignore[attr-defined]
    (blocked,) = (int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigBlk:"))
    assert all(blocked >> (number - 1) & 1 for number in (signal.SIGINT, signal.SIGTERM))


def test_a_killed_process_that_jobs_are_forked_from_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process, made = child._process, list[Job]()

    class Dead:
        pid = None

        def start(self) -> None:
            raise EOFError("unexpected EOF")  # As Python says it.

    def dead_once(job: Job) -> object:
        made.append(job)
        return Dead() if len(made) == 1 else process(job)

    monkeypatch.setattr(child, "_process", dead_once)
    monkeypatch.setattr(child, "_DIES", 0.0)
    (job,) = seeds(tmp_path, 2)
    assert child.Child(job).ended().state == State.DONE
    monkeypatch.setattr(child, "_process", lambda job: Dead())
    with pytest.raises(UserError, match="was killed twice as it started"):
        child.Child(job)


def test_stopping_asks_and_then_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_GRACE_SECONDS", 2.0)
    jobs = seeds(tmp_path, 0, 1, 2, task="Endless")
    jobs.insert(0, seeds(tmp_path / "first", 2)[0])
    with closing(LocalJobs(jobs=3).run(source(jobs), print)) as running:
        next(running)
        wait_for(*(tmp_path / str(number) / STRAY for number in (0, 1)))
        strays = [int((tmp_path / str(number) / STRAY).read_text()) for number in (0, 1)]
    assert (tmp_path / "0" / "tidied.txt").exists()
    assert not (tmp_path / "1" / "tidied.txt").exists()
    time.sleep(0.2)
    assert not any(is_running(stray) for stray in strays)


@pytest.mark.long
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("launcher", ["joblib"])
def test_no_process_is_left_behind(tmp_path: Path, signum: signal.Signals, launcher: str) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *(path for path in sys.path if path)])}
    command = ["-m", f"launcher={launcher}", "launcher.jobs=2", "task._target_=sweep_tasks.Endless", "seed=2,4,6"]
    child = subprocess.Popen(
        [sys.executable, "-m", "zen_lightning", *command, f"output_dir={tmp_path}"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    files = [tmp_path / f"{number}-seed={seed}" / STRAY for number, seed in ((0, 2), (1, 4))]
    wait_for(*files)
    strays = [int(file.read_text()) for file in files]
    child.send_signal(signum)
    _, err = child.communicate(timeout=30)
    assert child.returncode == (130 if signum == signal.SIGINT else -signum)
    if signum == signal.SIGINT:
        assert f"stopped, 0 of 3 jobs are done: continue with resume={tmp_path}" in err
        assert "Traceback" not in err
    deadline = time.monotonic() + 10
    while any(is_running(stray) for stray in strays) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_running(stray) for stray in strays)


@pytest.mark.parametrize(("jobs", "first"), [(128, 2), (1, 1)])
def test_as_many_processes_are_asked_for_as_there_are_jobs_at_a_time(
    jobs: int, first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(local, "require_processes", lambda count, each: asked.append((count, each)))
    backend = LocalJobs(jobs=jobs, threads=1)
    assert len(list(backend.run(source(seeds(tmp_path, 2, 4)), print))) == 2
    assert asked == [(first, local._THREADS + 1)]


@pytest.mark.parametrize(
    "arguments", [{"jobs": 0}, {"threads": 0}, {"retries": -1}, {"jobs": 1.5}, {"gpus": []}, {"gpus": "01"}]
)
def test_bad_settings_are_named(arguments: dict[str, object]) -> None:
    with pytest.raises(UserError, match=f"^{next(iter(arguments))}="):
        LocalJobs(**arguments)  # type: ignore[arg-type]


class Exits:
    """Stands for a job's process, which ends with a code and leaves no record."""

    exitcode = 0
    pid = None
    sentinel = 0

    def __init__(self, job: Job) -> None: ...

    def start(self) -> None: ...

    def join(self) -> None: ...


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        (0, Ended(State.STOPPED, error="it left no record (is the disk full?)", code=1)),
        (3, Ended(State.FAILED, error="it ended with code 3", code=3)),
        (75, Ended(State.STOPPED, error="it was stopped, and has saved", code=75)),
        (-signal.SIGTERM, Ended(State.STOPPED, error="it was stopped by SIGTERM", code=143)),
        (-signal.SIGSEGV, Ended(State.KILLED, error="its process was killed by SIGSEGV", code=139)),
    ],
)
def test_a_job_without_a_record_is_known_by_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, ended: Ended
) -> None:
    monkeypatch.setattr(child, "_process", Exits)
    monkeypatch.setattr(Exits, "exitcode", code)
    assert child.Child(seeds(tmp_path, 2)[0]).ended() == ended


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")
def test_what_a_stopped_job_printed_is_not_lost(tmp_path: Path) -> None:
    """Also where it prints into a pipe that does not block, and is full."""
    code = (
        "import os, sys; from zen_lightning.launch import child; from zen_lightning.launch.job_record import Ended, State\n"
        "child.run_job = lambda job: print('x' * 300_000, end='') or Ended(State.STOPPED)\n"
        "child._run(None)"
    )
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as printed:
        assert printed.read() == b"x" * 300_000
    assert process.wait(60) == 0
