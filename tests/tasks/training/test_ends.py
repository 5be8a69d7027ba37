"""However a training ends, a person reads one sentence, and a scheduler the right code."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from command_line import Zen
from training_commands import STRUCTURE, train
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network, save_weights
from zen_lightning.tasks.training import ends as training_ends
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoint_io import BackgroundCheckpointIO, read_checkpoint
from zen_lightning.training.checkpoints import LAST, NOTHING, Checkpoints
from zen_lightning.training.interruption import Interrupted, Interruption
from zen_lightning.training.launcher import exit_code


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("DataLoader worker (pid 7) is killed by signal: Killed. ", "trainer.loader_workers"),
        ("DataLoader worker (pid(s) 7) exited unexpectedly", "trainer.loader_workers"),
        ("DataLoader worker (pid 7) is killed by signal: Bus error. It is possible ... shared memory ...", "--shm-size"),
    ],
)
def test_a_killed_loader_worker_is_one_sentence(text: str, part: str, tmp_path: Path) -> None:
    explained = training_ends._explain(RuntimeError(text), tmp_path)
    assert isinstance(explained, UserError)
    assert part in str(explained)
    assert "\n" not in str(explained)


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    for error in (RuntimeError("shape"), KeyError("x"), UserError("mistake")):
        assert training_ends._explain(error, tmp_path) is error
        assert not training_ends._is_lost(error)
    assert "recipe.batch_size" in str(training_ends._explain(torch.OutOfMemoryError("x"), tmp_path))
    assert "eval_batch_size" in str(training_ends._explain(torch.OutOfMemoryError("x"), None))
    assert training_ends._is_lost(torch.distributed.DistBackendError("NCCL error"))
    assert training_ends._is_lost(RuntimeError("[gloo/transport/tcp/pair.cc:534] Connection closed by peer [::1]:1"))


@pytest.mark.parametrize(
    ("code", "shell", "part"),
    [
        (-9, 137, "process 2 of 4 was killed by SIGKILL: memory"),
        (-11, 139, "process 2 of 4 was killed by SIGSEGV"),
        (1, 1, "process 2 of 4 failed, see above (exit code 1)"),
        (75, 75, "process 2 of 4 was stopped"),
        (2, 2, ""),  # It has said what is wrong.
    ],
)
def test_a_process_that_ended(code: int, shell: int, part: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert training_ends._tell_failed(1, code, 4, tmp_path) == shell == exit_code(code)
    err = capfd.readouterr().err
    assert part in err
    assert bool(err) is bool(part)


def test_what_a_stopped_training_says_of_its_checkpoint(tmp_path: Path) -> None:
    last = tmp_path / LAST
    last.parent.mkdir()
    assert "start the same command again" in training_ends._stopped(Interrupted(signal.SIGTERM, NOTHING), tmp_path)
    last.touch()  # Of the run that this one continues, which has not read it yet.
    said = training_ends._stopped(Interrupted(signal.SIGTERM, NOTHING), tmp_path)
    assert said == f"stopped by SIGTERM before the first step: continue with resume={tmp_path}"
    said = training_ends._stopped(Interrupted(signal.SIGTERM, "3 epochs"), tmp_path)
    assert said == f"stopped by SIGTERM; saved after 3 epochs: continue with resume={tmp_path}"


def test_a_checkpoint_under_way_is_finished_when_training_and_its_clean_up_fail(tmp_path: Path) -> None:
    io, go = BackgroundCheckpointIO(), threading.Event()
    io.writer.submit(lambda: go.wait(30))
    io.save_checkpoint({"step": torch.tensor(7)}, tmp_path / "last.ckpt")
    trainer: Any = SimpleNamespace(strategy=SimpleNamespace(launcher=None, checkpoint_io=io), is_global_zero=True)
    interruption = Interruption(Checkpoints(tmp_path, 32), Agreement())
    threading.Timer(0.3, go.set).start()
    with pytest.raises(RuntimeError, match="device-side assert"), training_ends.ended(trainer, interruption, tmp_path):
        raise RuntimeError("CUDA error: device-side assert triggered")
    assert int(read_checkpoint(tmp_path / "last.ckpt")["step"]) == 7


def test_slurm_with_one_task(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SLURM_NTASKS": "1", "SLURM_JOB_NAME": "train", "SLURM_PROCID": "0"}.items():
        monkeypatch.setenv(name, value)
    ended = zen(*train(tmp_path, "trainer.devices=8"))
    assert ended.code == 2
    assert "srun --nodes=1 --ntasks-per-node=8 --kill-on-bad-exit=1" in ended.err
    assert "or trainer.devices=1 trainer.num_nodes=1" in ended.err


_LIMIT = 600.0
"""Seconds that no process of a test may take, on a machine that does much else."""

_LONG = ("recipe.epochs=100000", "recipe.warmup_epochs=1")


def _start(
    folder: Path, *more: str, patch: str = "", command: list[str] | None = None, session: bool = False
) -> subprocess.Popen[str]:
    """Start a training (or another command) as users do; ``patch`` is run in each of its processes first."""
    place = folder / "patch"
    place.mkdir(parents=True)
    (place / "sitecustomize.py").write_text(patch)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "LOCAL_RANK", "MASTER_", "RANK"))}
    env["PYTHONPATH"] = os.pathsep.join([str(place), *filter(None, sys.path)])
    base = command or train(folder / "run", *_LONG)
    overrides = [one for one in (*base, *more) if one != "trainer=cpu" or "trainer=ddp_cpu" not in more]
    child = subprocess.Popen(
        [sys.executable, "-m", "zen_lightning", *overrides],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=session,
    )
    _started.append(child)
    return child


_started: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """End what a test that failed has left: it may hold what the next one waits for."""
    yield
    while _started:
        with contextlib.suppress(ProcessLookupError):
            _started.pop().kill()


def _await_checkpoint(folder: Path) -> None:
    deadline = time.monotonic() + _LIMIT / 2
    while not (folder / "run" / "checkpoints" / "last.ckpt").exists() and time.monotonic() < deadline:
        time.sleep(0.1)


_FAIL = """
import os
if os.environ.get("LOCAL_RANK") == "1":
    from zen_lightning.errors import UserError
    from zen_lightning.training.history import History
    def fail(*_):
        {what}
    History.on_train_epoch_end = fail
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("raise UserError('cat.png is on this machine alone')", 2, "error: cat.png is on this machine alone"),
        ("os.kill(os.getpid(), 9)", 137, "error: process 2 of 2 was killed by SIGKILL: memory"),
    ],
)
def test_what_ends_another_process_alone(tmp_path: Path, what: str, code: int, said: str) -> None:
    child = _start(tmp_path, "trainer=ddp_cpu", patch=_FAIL.format(what=what))
    _, err = child.communicate(timeout=_LIMIT)
    assert child.returncode == code, err
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1, err


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started, the oldest first."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # It has ended meanwhile.
            if int((place / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(place.name))
    return sorted(found)


def _rank_1(pid: int) -> int:
    """Return the process beside the main one of a training."""
    environments = {child: Path(f"/proc/{child}/environ").read_bytes() for child in _children(pid)}
    return next(child for child, variables in environments.items() if b"LOCAL_RANK=1" in variables.split(b"\0"))


_UNHURRIED = """
import time
from zen_lightning.training.history import History
of_an_epoch = History.on_train_epoch_end
def unhurried(*arguments):
    time.sleep(0.5)
    of_an_epoch(*arguments)
History.on_train_epoch_end = unhurried
"""
"""Leaves the time in which a process can be killed."""

_KILLED = (
    "trainer.loader_workers=1",
    "trainer.deterministic=true",
    "trainer.checkpoint_steps=1",
    "recipe.epochs=20",
    "recipe.warmup_epochs=1",
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Tensor]]:
    """Give a function that trains to the end, once for each trainer, and returns the weights."""

    @cache
    def weights(*trainer: str) -> dict[str, Tensor]:
        place = tmp_path_factory.mktemp("undisturbed")
        ended = _run(place, train(place / "run", *_KILLED), *trainer)
        assert ended.returncode == 0, ended.stderr
        state: dict[str, Tensor] = read_checkpoint(place / "run" / LAST)["state_dict"]
        return state

    return weights


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processes of others are looked up in /proc")
@pytest.mark.parametrize(
    ("victim", "code", "said"),
    [
        ("worker", 2, "error: a process that reads images was killed: memory that ran out is the usual cause. Lower"),
        ("last worker", 2, "error: a process that reads images was killed: memory that ran out is the usual cause. Lower"),
        ("rank", 137, "error: process 2 of 2 was killed by SIGKILL: memory that ran out is the usual cause."),
        ("worker of a rank", 2, "error: a process that reads images was killed: memory that ran out is the usual cause. Lower"),
    ],
)
def test_a_process_that_is_killed_is_a_sentence_and_the_run_ends_the_same(
    tmp_path: Path, victim: str, code: int, said: str, undisturbed: Callable[..., dict[str, Tensor]]
) -> None:
    several = "rank" in victim
    trainer = ["trainer=ddp_cpu"] if several else []
    child = _start(tmp_path, *trainer, command=train(tmp_path / "run", *_KILLED), patch=_UNHURRIED)
    _await_checkpoint(tmp_path)
    if victim == "rank":
        killed = _rank_1(child.pid)
    else:
        readers = [one for one in _children(_rank_1(child.pid) if several else child.pid) if not _is_tracker(one)]
        killed = readers[-1 if victim == "last worker" else 0]
    os.kill(killed, signal.SIGKILL)
    _, err = child.communicate(timeout=_LIMIT)
    assert child.returncode == code, err
    assert said in err
    assert f"continue with resume={tmp_path / 'run'}" in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1, err
    ended = _run(tmp_path / "again", [f"resume={tmp_path / 'run'}"])
    assert ended.returncode == 0, ended.stderr
    resumed, whole = read_checkpoint(tmp_path / "run" / LAST)["state_dict"], undisturbed(*trainer)
    assert all(torch.equal(resumed[key], whole[key]) for key in resumed)


def _is_tracker(pid: int) -> bool:
    """Whether a process is the one of multiprocessing that removes what others leave."""
    return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _run(place: Path, overrides: list[str], *more: str) -> "subprocess.CompletedProcess[str]":
    child = _start(place, *more, command=overrides)
    out, err = child.communicate(timeout=_LIMIT)
    return subprocess.CompletedProcess(overrides, child.returncode, out, err)


_SLOW_START = """
import os, time
import zen_lightning.data.sample_loader as sample_loader
from zen_lightning.data.worker import start_worker
def slow(worker_id):
    os.write(1, b"ready\\n")
    time.sleep(2)
    start_worker(worker_id)
sample_loader.start_worker = slow
"""


@pytest.mark.long
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 75)])
def test_a_signal_to_all_processes_while_workers_start(tmp_path: Path, signum: int, code: int) -> None:
    """As Ctrl-C in a terminal, which goes to the workers too: they have not run a line of this project yet."""
    child = _start(tmp_path, "trainer.loader_workers=2", patch=_SLOW_START, session=True)
    assert child.stdout is not None
    assert "ready\n" in iter(child.stdout.readline, "")
    os.killpg(child.pid, signum)
    out, err = child.communicate(timeout=_LIMIT)
    assert child.returncode == code, err
    assert "Traceback" not in out + err
    assert "Exception ignored" not in err
    assert len((out + err).replace("ready\n", "").strip().splitlines()) <= 2, out + err


_FAIL_EVALUATING = """
import os
if os.environ.get("LOCAL_RANK") == "1":
    from zen_lightning.errors import UserError
    from zen_lightning.training.validating import ValidatingModule
    def fail(*_):
        {what}
    ValidatingModule.validation_step = fail
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("raise UserError('cat.png is on this machine alone')", 2, "error: cat.png is on this machine alone"),
        ("os.kill(os.getpid(), 9)", 137, "process 2 of 2 was killed by SIGKILL: memory"),
    ],
)
def test_what_ends_another_process_of_an_evaluation(tmp_path: Path, what: str, code: int, said: str) -> None:
    save_weights(build_network(Architecture.parse(STRUCTURE), 10), tmp_path / "net.safetensors", 8)
    command = ["task=evaluate", f"arch={tmp_path / 'net.safetensors'}", "dataset=digits", f"output_dir={tmp_path / 'run'}"]
    child = _start(tmp_path, "trainer=ddp_cpu", patch=_FAIL_EVALUATING.format(what=what), command=command)
    _, err = child.communicate(timeout=_LIMIT)
    assert child.returncode == code, err
    assert said in err
    assert "resume=" not in err
    assert len(err.strip().splitlines()) == 1, err


@pytest.mark.long
def test_sigterm_while_the_dataset_is_prepared(tmp_path: Path) -> None:
    patch = """
import time
from zen_lightning.data import Digits
Digits.prepare = lambda self: (print("ready", flush=True), time.sleep(999))
"""
    child = _start(tmp_path, patch=patch)
    assert child.stdout is not None
    assert "ready\n" in iter(child.stdout.readline, "")
    child.send_signal(signal.SIGTERM)
    _, err = child.communicate(timeout=_LIMIT)
    assert child.returncode == 75
    assert "stopped by SIGTERM before the first step" in err


@pytest.mark.long
def test_sigterm_while_the_compiler_is_imported(tmp_path: Path) -> None:
    patch = """
import time
from zen_lightning.training.classifier import ClassifierModule
ClassifierModule.compile_network = lambda self, mode: (print("ready", flush=True), time.sleep(99))
"""
    child = _start(tmp_path, "trainer.compile=default", patch=patch)
    assert child.stdout is not None
    assert "ready\n" in iter(child.stdout.readline, "")
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (75, "")
    assert "stopped by SIGTERM before there was anything to save" in out


@pytest.mark.long
def test_sigterm_to_the_main_process_of_two(tmp_path: Path) -> None:
    child = _start(tmp_path, "trainer=ddp_cpu")
    _await_checkpoint(tmp_path)
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=_LIMIT)
    assert (child.returncode, err) == (75, "")
    assert "stopped by SIGTERM; saved after" in out
