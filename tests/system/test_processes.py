"""Processes that torchrun and SLURM started are those that were asked for, or the error says what to write."""

import pytest

from zen_lightning.errors import UserError, keyed
from zen_lightning.system import processes
from zen_lightning.system.processes import check_launched, is_main_process, launched, task_code

SRUN = {"SLURM_NTASKS": "16", "SLURM_NTASKS_PER_NODE": "8", "SLURM_NNODES": "2", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3"}
TORCHRUN = {"TORCHELASTIC_RUN_ID": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "1", "RANK": "0"}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*processes._NUMBERS, "TORCHELASTIC_RUN_ID", "SLURM_STEP_ID", "SLURM_STEPID", "SLURM_JOB_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.argv", ["run.py"])


def given(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "devices", "machines"),
    [
        ({}, 8, 1),
        (SRUN, 8, 2),
        ({"SLURM_NTASKS": "1"}, 1, 1),
        ({"SLURM_NTASKS": "1", "SLURM_JOB_NAME": "bash"}, 8, 1),  # A shell: Lightning starts the processes.
        (TORCHRUN, 4, 1),
        ({**TORCHRUN, "WORLD_SIZE": "8", "GROUP_WORLD_SIZE": "2"}, 4, 2),
        ({**TORCHRUN, "SLURM_NTASKS": "1"}, 4, 1),  # torchrun as the one task of a machine.
        ({"NODE_RANK": "1"}, 8, 2),
    ],
)
def test_as_many_as_asked_for(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], devices: int, machines: int) -> None:
    given(monkeypatch, variables)
    outside = check_launched(devices, machines)
    assert outside is None or outside.processes == devices * machines


@pytest.mark.parametrize(
    ("variables", "devices", "machines", "parts"),
    [
        # The classic script without srun, with one task and with as many as there are GPUs.
        (
            {"SLURM_NTASKS": "1"},
            8,
            1,
            ["8 processes", "SLURM started 1 process on 1 machine", "srun --nodes=1"],
        ),
        ({**SRUN, "SLURM_STEP_ID": ""}, 8, 2, ["SLURM was asked for 16 tasks", "without srun"]),
        (
            {"SLURM_NTASKS": "8", "SLURM_NNODES": "1", "SLURM_NTASKS_PER_NODE": "8"},
            8,
            1,
            ["--kill-on-bad-exit=1"],
        ),
        (SRUN, 4, 2, ["8 processes", "started 16 processes on 2 machines", "trainer.devices=8 trainer.num_nodes=2"]),
        (SRUN, 8, 1, ["trainer.num_nodes=2"]),
        (SRUN, 1, 1, ["trainer.strategy=ddp"]),  # Sixteen trainings of one and the same network, in one folder.
        ({**SRUN, "SLURM_NTASKS": "8", "SLURM_NNODES": "1"}, 4, 2, ["--nodes=2 --ntasks-per-node=4"]),
        ({k: v for k, v in SRUN.items() if "PER_NODE" not in k}, 8, 2, ["srun --nodes=2 --ntasks-per-node=8"]),
        (TORCHRUN, 2, 1, ["torchrun started 4 processes", "`torchrun --nproc-per-node=2 run.py ...`", "trainer.devices=4"]),
        ({}, 8, 2, ["trainer.num_nodes=2", "torchrun --nproc-per-node=8 --nnodes=2", "srun --nodes=2"]),
        ({"WORLD_SIZE": "two"}, 1, 1, ["WORLD_SIZE=two", "unset WORLD_SIZE"]),
        ({"SLURM_NTASKS": "x8"}, 8, 1, ["SLURM_NTASKS=x8"]),
        ({**TORCHRUN, "RANK": "-1"}, 4, 1, ["RANK=-1"]),
        ({"SLURM_PROCID": "3"}, 1, 1, ["SLURM_PROCID=3", "below SLURM_NTASKS, which is not set", "unset SLURM_PROCID"]),
        ({"SLURM_PROCID": "3", "SLURM_NTASKS": "2"}, 1, 1, ["SLURM_PROCID=3", "below SLURM_NTASKS, which is 2"]),
        ({"RANK": "1", "WORLD_SIZE": "2"}, 1, 1, ["RANK=1 WORLD_SIZE=2", "torchrun did not start"]),
        ({"NODE_RANK": "1"}, 1, 1, ["trainer.num_nodes=1", "NODE_RANK=1", "give trainer.num_nodes=N", "unset NODE_RANK"]),
    ],
)
def test_others_than_asked_for(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], devices: int, machines: int, parts: list[str]
) -> None:
    given(monkeypatch, {name: value for name, value in variables.items() if value})
    with pytest.raises(UserError) as caught, keyed("trainer"):
        check_launched(devices, machines)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("run.py", "run.py ..."),
        ("/src/zen_lightning/__main__.py", "-m zen_lightning ..."),
        ("/bin/zen-lightning", "-m zen_lightning ..."),  # torchrun and python take no command of the PATH.
    ],
)
def test_the_line_to_write_can_be_run(monkeypatch: pytest.MonkeyPatch, program: str, line: str) -> None:
    monkeypatch.setattr("sys.argv", [program])
    with pytest.raises(UserError) as caught, keyed("trainer"):
        check_launched(8, 2)
    assert f"--master-addr=HOST {line}`" in str(caught.value)
    assert f"--kill-on-bad-exit=1 python {line}`" in str(caught.value)


def test_which_is_the_main_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_main_process()
    assert launched() is None
    monkeypatch.setenv("NODE_RANK", "1")
    assert not is_main_process()
    monkeypatch.setenv("RANK", "0")
    assert is_main_process()
    monkeypatch.setenv("RANK", "1")
    assert not is_main_process()


def test_a_failed_task_of_slurm_exits_with_more_than_one_that_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [task_code(code) for code in (0, 1, 2, 75)] == [0, 1, 2, 75]
    given(monkeypatch, SRUN)
    assert min(task_code(1), task_code(2)) > task_code(75) == 75
    assert task_code(0) == 0
