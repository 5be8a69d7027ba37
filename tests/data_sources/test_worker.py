"""How many workers a loader has by default."""

import os
import signal
import threading
from types import SimpleNamespace

import pytest

from zen_lightning.data import worker
from zen_lightning.data.worker import auto_workers, signals_blocked

SLURM = {"SLURM_PROCID": "3", "SLURM_NTASKS": "8"}


@pytest.mark.parametrize(
    ("cores", "processes", "environment", "expected"),
    [
        (2, 1, {}, 2),
        (64, 1, {}, 64),  # No cap.
        (64, 8, {}, 8),  # Lightning's or torchrun's, which share one affinity.
        (4, 8, {}, 1),
        (64, 0, {}, 64),
        (16, 8, {**SLURM, "SLURM_CPUS_PER_TASK": "16"}, 16),  # Bound to the cores of the task.
        (128, 8, {**SLURM, "SLURM_CPUS_PER_TASK": "16"}, 16),  # Not bound.
        (1, 8, {**SLURM, "SLURM_CPUS_PER_TASK": "16"}, 1),  # srun was not told of them.
        (16, 8, {**SLURM, "SLURM_CPUS_ON_NODE": "128"}, 16),  # Bound, by another option.
        (128, 8, {**SLURM, "SLURM_CPUS_ON_NODE": "128"}, 16),  # The job's, for all tasks.
        (128, 8, SLURM, 16),
        (32, 4, {"SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_CPUS_PER_TASK": "32"}, 8),  # One task, Lightning's processes.
        (32, 4, {**SLURM, "TORCHELASTIC_RUN_ID": "1", "SLURM_CPUS_PER_TASK": "32"}, 8),  # torchrun below srun.
        (32, 4, {**SLURM, "SLURM_CPUS_PER_TASK": "many"}, 8),
    ],
)
def test_the_cores_of_a_training_process(
    monkeypatch: pytest.MonkeyPatch, cores: int, processes: int, environment: dict[str, str], expected: int
) -> None:
    monkeypatch.setattr(worker, "available_cores", lambda: cores)
    assert auto_workers(processes, environment) == expected


def test_the_cores_are_those_that_this_process_may_use() -> None:
    assert auto_workers(1, {}) == len(os.sched_getaffinity(0))


def test_signals_wait_until_processes_are_started() -> None:
    came: list[int] = []
    before = {number: signal.signal(number, lambda got, frame: came.append(got)) for number in (signal.SIGINT, signal.SIGTERM)}
    go = threading.Event()
    other = threading.Thread(target=lambda: (go.wait(), signal.raise_signal(signal.SIGTERM)))  # It is not blocked there.
    other.start()
    try:
        with signals_blocked():
            os.kill(os.getpid(), signal.SIGINT)
            go.set()
            other.join()
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, set())
            assert {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP} <= mask
            assert came == []
        assert sorted(came) == [signal.SIGINT, signal.SIGTERM]
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_an_error_while_processes_are_started_keeps_the_handlers() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(OSError, match="no memory"), signals_blocked():
        raise OSError("no memory")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_training_process_is_gone_where_another_has_taken_its_place_or_its_pipe_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alive = True
    parent = worker._Parent()
    parent._process = SimpleNamespace(is_alive=lambda: alive)  # type: ignore[assignment]
    assert not parent.is_gone
    alive = False
    assert parent.is_gone
    alive = True  # Another worker, forked after this, holds the end of the pipe.
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert parent.is_gone
