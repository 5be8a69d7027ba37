"""Distributed processes: which one this is, and whether as many were started as the trainer asks for."""

import os
import sys
from typing import NamedTuple

from zen_lightning.errors import UserError

_RANKS = ("LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
_NUMBERS = (
    *("WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "GROUP_RANK", "GROUP_WORLD_SIZE", "MASTER_PORT"),
    *("SLURM_NTASKS", "SLURM_NTASKS_PER_NODE", "SLURM_NNODES", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID"),
)
"""Environment variables of torchrun and SLURM that Lightning reads as numbers."""

_AMONG = {"RANK": "WORLD_SIZE", "LOCAL_RANK": "WORLD_SIZE", "SLURM_PROCID": "SLURM_NTASKS"}
"""Numbers of a process, and of how many processes it is one: another than the first prints and writes nothing."""

_INTERACTIVE = ("bash", "interactive")
"""Names of SLURM jobs that Lightning takes for a shell: it starts processes there itself, as on any machine."""

_MISTAKE, _FAULT = 2, 1
_AS_TASK = {_MISTAKE: 78, _FAULT: 79}
"""Codes above 75, see :func:`task_code`: 78 is EX_CONFIG of sysexits.h, 79 the first number that sysexits.h leaves free."""


class Launched(NamedTuple):
    """Processes that a launcher has started.

    Attributes:
        by: the launcher, ``torchrun`` or ``SLURM``.
        processes: number of processes on all machines.
        machines: number of machines.
        machine_share: processes on each machine; None where the launcher does not say.
        steps: whether the launcher itself started this process; not so for a line of a SLURM script without srun.
    """

    by: str
    processes: int
    machines: int
    machine_share: int | None
    steps: bool = True


def is_main_process() -> bool:
    """Whether this is the main process of those that a strategy, torchrun or SLURM started, or the only one."""
    if "RANK" in os.environ:
        return os.environ["RANK"] == "0"
    return all(os.environ.get(name, "0") == "0" for name in _RANKS)


def launched() -> Launched | None:
    """Return the processes that a launcher has started, read from the environment; None without one.

    Raises:
        UserError: as for :func:`require_numbers`; or this is one of several processes, and no launcher has started them.
    """
    require_numbers()
    if "TORCHELASTIC_RUN_ID" in os.environ:
        processes, share = _number("WORLD_SIZE", 1), _number("LOCAL_WORLD_SIZE", 0) or None
        machines = _number("GROUP_WORLD_SIZE", max(1, processes // (share or processes)))
        return Launched("torchrun", processes, machines, share)
    if "SLURM_NTASKS" in os.environ and os.environ.get("SLURM_JOB_NAME") not in _INTERACTIVE:
        share = _number("SLURM_NTASKS_PER_NODE", 0) or None
        machines = _number("SLURM_NNODES", 1)
        return Launched("SLURM", _number("SLURM_NTASKS", 1), machines, share, _is_step())
    _require_launcher()
    return None


def require_numbers() -> None:
    """Raise a UserError where a variable of torchrun or SLURM is no number, or this is no process that it started."""
    for name in _NUMBERS:
        if not os.environ.get(name, "0").isdecimal():
            raise _of_launcher(name, "a whole number")
    for name, among in _AMONG.items():
        if _number(name, 0) >= _number(among, 1) and _number(name, 0) > 0:
            raise _of_launcher(name, f"a number below {among}, which is {os.environ.get(among, 'not set: 1 process')}")


def _of_launcher(name: str, expected: str) -> UserError:
    remedy = f"torchrun and SLURM set it; to train without them, unset {name}"
    return UserError(f"{name}={os.environ[name]} in the environment", expected=expected, remedy=remedy)


def check_launched(devices: int, num_nodes: int) -> Launched | None:
    """Return the processes that a launcher has started, if they are as many as the trainer asks for.

    Args:
        devices: devices on each machine.
        num_nodes: number of machines.

    Raises:
        UserError: the launcher started other numbers, or several machines are asked for without a launcher, or one machine
            where the environment says that this is another than the first.
    """
    outside = launched()
    if outside is None:
        if num_nodes == 1 and _number("NODE_RANK", 0) > 0:
            raise UserError(
                f"NODE_RANK={os.environ['NODE_RANK']} in the environment says that this is not the first machine",
                key="num_nodes",
                value=num_nodes,
                remedy="give {num_nodes}=N, the number of machines; to train on this machine alone, unset NODE_RANK",
            )
        if num_nodes > 1 and not any(name in os.environ for name in ("NODE_RANK", "GROUP_RANK")):
            raise UserError(
                "this command starts processes only on this machine",
                key="num_nodes",
                value=num_nodes,
                remedy=f"on each machine write {_torchrun(devices, num_nodes)}, under SLURM {_srun(devices, num_nodes)}",
            )
        return None
    line = _srun(devices, num_nodes) if outside.by == "SLURM" else _torchrun(devices, num_nodes)
    if not outside.steps and outside.processes > 1:
        raise UserError(
            f"SLURM was asked for {_times(outside.processes, 'task')} (SLURM_NTASKS), and this process is none of them: the "
            "script starts it without srun",
            remedy=f"write {line}",
        )
    same = outside.processes == devices * num_nodes and outside.machine_share in (None, devices)
    if not same or outside.machines != num_nodes:
        share = max(1, outside.processes // outside.machines)
        instead = f"{{devices}}={share} {{num_nodes}}={outside.machines}"
        raise UserError(
            f"{{devices}}={devices} {{num_nodes}}={num_nodes} asks for {_times(devices * num_nodes, 'process')}, and "
            f"{outside.by} started {_times(outside.processes, 'process')} on {_times(outside.machines, 'machine')}",
            key="devices",
            remedy=f"write {line}, or {instead}" + (" {strategy}=ddp" if outside.processes > 1 else ""),
            involves=["num_nodes", "strategy"],
        )
    if outside.by == "SLURM" and outside.processes > 1 and outside.machine_share is None:
        what = f"srun --ntasks={outside.processes} does not say how many are on each machine"
        raise UserError(what, remedy=f"write {line}")
    return outside


def _require_launcher() -> None:
    """Raise a UserError where this is said to be one of several processes, and nothing here would join it to the others.

    It would do the whole work, as each of the others, and if it is not the first print and write nothing of it.
    """
    processes = _number("WORLD_SIZE", 1)
    if "RANK" in os.environ and processes > 1:
        what = f"RANK={os.environ['RANK']} WORLD_SIZE={processes} in the environment, and torchrun did not start this process"
        remedy = "start it by torchrun, or by srun under SLURM; to train in this process alone, unset RANK and WORLD_SIZE"
        raise UserError(what, remedy=remedy)


def task_code(code: int) -> int:
    """Return the exit code of a process: ``code``, except for a failed one of several SLURM tasks.

    srun exits with the highest code of its tasks. When one task fails, srun ends the others by SIGTERM, and they exit with 75,
    "start it again". The code of the failure has to be higher, or the job would be started again for ever.
    """
    several = os.environ.get("SLURM_NTASKS", "1") != "1" and _is_step()
    return _AS_TASK.get(code, code) if several else code


def _is_step() -> bool:
    """Whether srun started this process; the second name is the older one."""
    return any(name in os.environ for name in ("SLURM_STEP_ID", "SLURM_STEPID"))


def _torchrun(devices: int, machines: int) -> str:
    where = f" --nnodes={machines} --node-rank=RANK --master-addr=HOST" if machines > 1 else ""
    return f"`torchrun --nproc-per-node={devices}{where} {_command()}`"


def _srun(devices: int, machines: int) -> str:
    return (
        f"`srun --nodes={machines} --ntasks-per-node={devices} --kill-on-bad-exit=1 python {_command()}` in a script with "
        f"`#SBATCH --nodes={machines} --ntasks-per-node={devices}`"
    )


def _command() -> str:
    program = os.path.basename(sys.argv[0])
    # torchrun and python do not find the installed command, zen-lightning, by its name.
    return f"{program} ..." if program.endswith(".py") and program != "__main__.py" else "-m zen_lightning ..."


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else default


def _times(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "es" if noun.endswith("s") else "s")
