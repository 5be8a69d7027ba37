"""How many workers a loader has by default."""

import os

import pytest

from zen_lightning.data import worker
from zen_lightning.data.worker import auto_workers

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
