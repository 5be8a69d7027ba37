"""Jobs on a SLURM cluster, by submitit (https://github.com/facebookincubator/submitit): ``launcher=slurm``."""

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.launch.backend import Backend, check_at_least
from zen_lightning.launch.job import Job, run_job
from zen_lightning.launch.job_record import Ended, State
from zen_lightning.system.cores import available_cores
from zen_lightning.system.signal_watch import TERMINATED
from zen_lightning.system.value_types import Cores, Count, CountFrom0, Positive, WholeGpus

_PARTITION = re.compile(r"[\w.:@%+-]+(,[\w.:@%+-]+)*")
"""Names of partitions: submitit writes them into a script for the shell, where a line break would begin a command."""

_CLUSTERS = ("slurm", "local")
_GRACE_SECONDS = 30.0
"""Seconds that jobs have to end after they were cancelled: SLURM's default between SIGTERM and SIGKILL (KillWait)."""

_POLL_SECONDS = {"slurm": 2.0, "local": 0.1}
"""Seconds between two queries. A choice; SLURM is queried less often, since sacct puts load on a server that all share."""


class SlurmJobs(Backend):
    """Submits jobs to SLURM, as one array, and waits for them.

    A job that reaches its time limit, or is preempted, is put in the queue again and continues where it was. One whose process
    was killed is submitted again. The folder of the sweep must be one that all machines see.

    Args:
        cluster: ``slurm``, or ``local``: processes on this machine, started as on a cluster.
        partition: the partition of SLURM; by default the cluster's own default.
        minutes: the minutes that a job may take before it is put in the queue again.
        cores: the cores of each job.
        gpus: the GPUs of each job.
        memory_gb: the memory in GB of each job; by default the cluster's own default.
        at_once: most jobs that run at the same time; by default as many as SLURM lets, and as have cores on this machine.
        requeues: how often a job may reach its time limit and go on.
        retries: how often a job whose process was killed is submitted again.
        parameters: further ones of ``submitit.AutoExecutor.update_parameters``, such as ``slurm_account``.

    Raises:
        MissingExtraError: submitit is not installed.
    """

    def __init__(
        self,
        cluster: str = "slurm",
        partition: str | None = None,
        minutes: Count = 240,
        cores: Cores = 1,
        gpus: WholeGpus = 0,
        memory_gb: Positive | None = None,
        at_once: Count | None = None,
        requeues: CountFrom0 = 3,
        retries: CountFrom0 = 1,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        try:
            import submitit
        except ImportError:
            raise MissingExtraError(
                "submitit", "sweeps", f"launcher={'slurm' if cluster == 'slurm' else 'slurm_local'}"
            ) from None
        if cluster not in _CLUSTERS:
            raise UserError(key="cluster", value=cluster, choices=_CLUSTERS)
        for key, value, least in (
            ("minutes", minutes, 1),
            ("cores", cores, 1),
            ("gpus", gpus, 0),
            ("at_once", at_once, 1),
            ("requeues", requeues, 0),
            ("retries", retries, 0),
        ):
            check_at_least(key, value, least)
        if partition is not None and not _PARTITION.fullmatch(partition):
            raise UserError(key="partition", value=repr(partition), expected="the name of a partition, or several, as in a,b")
        self._submitit = submitit
        self._cluster = cluster
        self._cores = cores
        self._requeues = requeues
        self._executor: Any = None
        self.retries = retries
        self.at_once = at_once or (max(1, available_cores() // cores) if cluster == "local" else None)
        self._room = self.at_once if cluster == "local" else None
        own = {
            "name": "zen-lightning",
            "timeout_min": minutes,
            "cpus_per_task": cores,
            "gpus_per_node": gpus,
            "mem_gb": memory_gb,
            "slurm_partition": partition,
            "slurm_array_parallelism": self.at_once if cluster == "slurm" else None,
        }
        self._parameters = {**{key: value for key, value in own.items() if value is not None}, **dict(parameters or {})}
        self.where = "on SLURM" if cluster == "slurm" else f"{self.at_once} at a time, by submitit on this machine"

    def _start(self, jobs: Sequence[Job]) -> list[Any]:
        if self._executor is None:
            self._executor = self._make_executor(_fresh(Path(jobs[0].folder).parent))
        with self._executor.batch() if self._cluster == "slurm" else nullcontext():
            return [self._executor.submit(Command(), job._replace(threads=self._cores)) for job in jobs]

    def _wait(self, handles: Sequence[Any]) -> list[Any]:
        done = [handle for handle in handles if handle.done()]
        if not done:
            time.sleep(_POLL_SECONDS[self._cluster])
        return done

    def _outcome(self, handle: Any, job: Job) -> Ended:
        error = handle.exception()
        if error is None:
            ended = handle.result()
            assert isinstance(ended, Ended)
            return ended
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        state = str(handle.state)
        if state.startswith("CANCELLED"):
            return Ended(State.STOPPED, error="it was cancelled", code=TERMINATED)
        return Ended(State.KILLED, error=f"its process was killed ({state}; {lines[0] if lines else type(error).__name__})")

    def _stop(self, handles: Sequence[Any]) -> None:
        for handle in handles:
            with suppress(Exception):
                handle.cancel()
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline and any(not handle.done() for handle in handles):
            time.sleep(_POLL_SECONDS["local"])

    def _make_executor(self, folder: Path) -> Any:
        try:
            requeues = {f"{self._cluster}_max_num_timeout": self._requeues}
            executor = self._submitit.AutoExecutor(folder=folder, cluster=self._cluster, **requeues)
            executor.update_parameters(**self._parameters)
        except (RuntimeError, ValueError, TypeError, NameError, AssertionError) as error:
            raise UserError(str(error).splitlines()[0], key="launcher.cluster", value=self._cluster) from error
        return executor


def _fresh(folder: Path) -> Path:
    """Return a new folder for the files of submitit: it unpickles results, so none may lie there already."""
    if not str(folder).isprintable():
        what = f"{str(folder)!r} has a line break or another control character in its name"
        raise UserError(what, key="output_dir", remedy="rename it: the script that SLURM runs names it")
    folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="submitit-", dir=folder))


class Command:
    """Runs a job on its machine; submitit asks it how to go on when the time is up."""

    def __init__(self) -> None:
        self._requeued = False

    def __call__(self, job: Job) -> Ended:
        """Run the job."""
        return run_job(job, goes_on=lambda: self._requeued)

    def checkpoint(self, job: Job) -> Any:
        """Return what is put in the queue again: the same job, which continues from what is in its folder."""
        import submitit

        self._requeued = True
        return submitit.helpers.DelayedSubmission(Command(), job)
