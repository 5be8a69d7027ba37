"""Jobs on a Ray cluster, https://docs.ray.io: ``launcher=ray``."""

import io
import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from zen_lightning.errors import UserError
from zen_lightning.launch.backend import Backend, Tell, check_at_least
from zen_lightning.launch.job import Job, run_job
from zen_lightning.launch.job_record import RECORD, Ended, State, read_record
from zen_lightning.system.ray_address import CONNECT_SECONDS
from zen_lightning.system.ray_session import RaySession, imported_ray
from zen_lightning.system.value_types import Cores, CountFrom0, Gpus

_GRACE_SECONDS = 30.0
"""Seconds that jobs have to end after they were asked to. A choice, the same as on this machine and on SLURM."""

_POLL_SECONDS = 0.5
"""Seconds after which Ctrl-C is noticed at the latest. A choice."""


class RayJobs(Backend):
    """Runs jobs as tasks of Ray, on the cluster at hand or on this machine.

    The cluster is the one that RAY_ADDRESS names, or one that runs on this machine, or a new local one, which ends with the
    sweep. The folder of the sweep must be one that all machines see. The job of a machine that died is run again on another,
    however often that happens; one whose process was killed, ``retries`` times.

    Args:
        cores: the cores of each job, and its threads.
        gpus: the GPUs of each job; a part of one, such as 0.5, lets jobs share it.
        retries: how often a job whose process was killed is run again.

    Raises:
        MissingExtraError: Ray is not installed.
    """

    where = "on Ray"

    def __init__(self, cores: Cores = 1, gpus: Gpus = 0, retries: CountFrom0 = 1) -> None:
        ray = imported_ray("launcher=ray")
        check_at_least("cores", cores, 1)
        check_at_least("retries", retries, 0)
        if isinstance(gpus, bool) or not (0 <= gpus < 1 or (gpus >= 1 and float(gpus).is_integer())):
            raise UserError(key="gpus", value=gpus, expected="a whole number, or a part of one GPU, such as 0.5")
        self._ray = ray
        self._cores = cores
        self._gpus = gpus
        self.retries = retries
        self._connection = RaySession(ray, "launcher=ray")

    @property
    def at_once(self) -> int:  # type: ignore[override]
        """How many jobs the cluster has room for at present; 1 before it is connected to."""
        if not self._ray.is_initialized():
            return 1
        alive = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        return max(1, sum(self._fitting(has) for has in alive))

    def _fitting(self, resources: Mapping[str, float]) -> int:
        """Return how many jobs a machine with such resources runs at a time."""
        by_cores = int(resources.get("CPU", 0) // self._cores)
        return min(by_cores, int(resources.get("GPU", 0) / self._gpus)) if self._gpus else by_cores

    @contextmanager
    def _session(self) -> Iterator[None]:
        """Stay connected to the cluster for as long as the context lasts."""
        started = not self._ray.is_initialized()
        if started:
            if address := os.environ.get("RAY_ADDRESS", ""):
                print(f"connecting to Ray at {address}", flush=True)
            self._connection.start()
        try:
            self._check_room()
            with redirect_stdout(_Own(sys.stdout)):
                yield
        finally:
            if started:
                with redirect_stdout(io.StringIO()):  # It prints what it has held back.
                    self._connection.end()

    def _start(self, jobs: Sequence[Job]) -> list[Any]:
        # A dead worker is noticed here, and not by Ray, so that it is told; a worker runs one job, and is gone with it.
        options = {"num_cpus": self._cores, "num_gpus": self._gpus, "max_retries": 0, "max_calls": 1}
        remote = self._ray.remote(**options)(_run_job)
        return [remote.remote(job._replace(threads=self._cores)) for job in jobs]

    def _wait(self, handles: Sequence[Any]) -> list[Any]:
        ready, _ = self._ray.wait(list(handles), timeout=_POLL_SECONDS)
        return list(ready)

    def _outcome(self, handle: Any, job: Job) -> Ended:
        errors = self._ray.exceptions
        try:
            ended = self._ray.get(handle)
        except errors.RayTaskError as error:
            return Ended(State.FAILED, error=str(error).strip().splitlines()[-1], code=1)
        except errors.RayError:
            return Ended(State.KILLED, error="its process was killed (out of memory?)")
        assert isinstance(ended, Ended)
        return ended

    def _lost(self, killed: Sequence[Job], tell: Tell) -> set[int]:
        nodes = {node["NodeID"]: node for node in self._ray.nodes()}
        lost: dict[str, list[Job]] = {}
        for job in killed:
            name = str(read_record(Path(job.folder)).get("node", ""))
            if name in nodes and not _is_there(nodes[name]):
                lost.setdefault(name, []).append(job)
            (Path(job.folder) / RECORD).unlink(missing_ok=True)  # It says where the job ran before.
        for name, jobs in lost.items():
            which = f"{', '.join(job.name for job in jobs)} {'was' if len(jobs) == 1 else 'were'}"
            tell(f"node {name[:8]} ({nodes[name]['NodeManagerAddress']}) died: {which} run again")
        return {job.number for jobs in lost.values() for job in jobs}

    def _check_room(self) -> None:
        """Raise a UserError where no machine has what a job needs: Ray would wait for one."""
        alive = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if not any(map(self._fitting, alive)):
            have = "; ".join(f"{has.get('CPU', 0):g} CPUs and {has.get('GPU', 0):g} GPUs" for has in alive)
            needs = f"launcher.cores={self._cores} launcher.gpus={self._gpus:g}"
            raise UserError(f"{needs}: no machine of the Ray cluster has so many; there are {have}", key="launcher")

    def _stop(self, handles: Sequence[Any]) -> None:
        for force in (False, True):
            for handle in handles:
                self._ray.cancel(handle, force=force)
            if handles:
                _, handles = self._ray.wait(list(handles), num_returns=len(handles), timeout=_GRACE_SECONDS)


def _is_there(node: dict[str, Any]) -> bool:
    """Whether a node lives; the cluster itself may take half a minute to notice that one does not."""
    if not node["Alive"]:
        return False
    try:
        socket.create_connection((node["NodeManagerAddress"], node["NodeManagerPort"]), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


class _Own(io.TextIOBase):
    """Passes on only what the thread that created it writes: Ray's threads print whole logs of a node that died."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        """Write, or drop the text of another thread."""
        return self._stream.write(text) if threading.get_ident() == self._thread else len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's."""
        return self._stream.fileno()


def _run_job(job: Job) -> Ended:
    import ray

    return run_job(job, ray.get_runtime_context().get_node_id())
