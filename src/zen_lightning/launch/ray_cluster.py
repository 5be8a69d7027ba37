"""Jobs on a Ray cluster, https://docs.ray.io: ``launcher=ray``."""

import io
import logging
import os
import socket
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.launch.backend import Backend, Tell, check_at_least
from zen_lightning.launch.job import Job, run_job
from zen_lightning.launch.job_record import RECORD, Ended, State, read_record

_GRACE_SECONDS = 30.0
_POLL_SECONDS = 0.5
_CONNECT_SECONDS = 3.0


class RayJobs(Backend):
    """Runs jobs as tasks of Ray, on the cluster at hand or on this machine.

    The cluster is the one that RAY_ADDRESS names, or one that runs on this machine, or a new local one, which ends with the
    sweep. The folder of the sweep must be one that all machines see. The job of a machine that died is run again on another,
    as often as that happens; one whose process was killed, ``retries`` times.

    Args:
        cores: of each job, and its threads.
        gpus: of each job; a part of one, such as 0.5, lets jobs share it.
        retries: how often a job whose process was killed is run again.

    Raises:
        MissingExtraError: Ray is not installed.
    """

    where = "on Ray"

    def __init__(self, cores: int = 1, gpus: float = 0, retries: int = 1) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ImportError:
            raise MissingExtraError("ray", "ray", "launcher=ray") from None
        check_at_least("cores", cores, 1)
        check_at_least("retries", retries, 0)
        if isinstance(gpus, bool) or not (0 <= gpus < 1 or (gpus >= 1 and float(gpus).is_integer())):
            raise UserError(f"launcher.gpus={gpus}: expected a whole number, or a part of one GPU, such as 0.5")
        self._ray = ray
        self._cores = cores
        self._gpus = gpus
        self._retries = retries

    def run(self, jobs: Sequence[Job], tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        """Run jobs on the cluster; see :meth:`Backend.run`."""
        started = not self._ray.is_initialized()
        if started:
            self._connect()
        try:
            self._check_room()
            with redirect_stdout(_Own(sys.stdout)):
                yield from self._run(jobs, tell)
        finally:
            if started:
                with redirect_stdout(io.StringIO()):  # It prints what it has held back.
                    self._ray.shutdown()

    def _connect(self) -> None:
        """Connect to the cluster, or start one; a UserError says why that cannot be."""
        address = os.environ.get("RAY_ADDRESS", "")
        if address:
            print(f"connecting to Ray at {address}", flush=True)
            _require_answer(address)
        try:
            self._ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError) as error:
            place = f"RAY_ADDRESS={address}" if address else "launcher=ray"
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UserError(f"{place}: Ray cannot be used ({reason})") from error

    def _run(self, jobs: Sequence[Job], tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        # A dead worker is noticed here, and not by Ray, so that it is told; a worker runs one job, and is gone with it.
        options = {"num_cpus": self._cores, "num_gpus": self._gpus, "max_retries": 0, "max_calls": 1}
        remote = self._ray.remote(**options)(_run_job)
        running = {remote.remote(job): job for job in (job._replace(threads=self._cores) for job in jobs)}
        deaths: dict[int, int] = {}
        try:
            while running:
                ready, _ = self._ray.wait(list(running), timeout=_POLL_SECONDS)
                fallen = []
                for reference in ready:
                    job = running.pop(reference)
                    ended = self._outcome(reference)
                    if ended is None:
                        fallen.append(job)
                    else:
                        yield job, ended
                self._explain(fallen, deaths, tell)
                for job in fallen:
                    if deaths.get(job.number, 0) > self._retries:
                        often = f", {deaths[job.number]} times" if self._retries else ""
                        yield job, Ended(State.KILLED, error=f"its process was killed (out of memory?){often}")
                    else:
                        (Path(job.folder) / RECORD).unlink(missing_ok=True)  # It says where the job ran before.
                        running[remote.remote(job)] = job
        finally:
            self._cancel(list(running))

    def _outcome(self, reference: Any) -> Ended | None:
        """Return what became of a task; None if its worker or its node died."""
        errors = self._ray.exceptions
        try:
            ended = self._ray.get(reference)
        except errors.RayTaskError as error:
            return Ended(State.FAILED, error=str(error).strip().splitlines()[-1])
        except errors.RayError:
            return None
        assert isinstance(ended, Ended)
        return ended

    def _explain(self, fallen: list[Job], deaths: dict[int, int], tell: Tell) -> None:
        """Tell which nodes died, and count the deaths of jobs that died by themselves."""
        if not fallen:
            return
        nodes = {node["NodeID"]: node for node in self._ray.nodes()}
        lost: dict[str, list[int]] = {}
        for job in fallen:
            name = str(read_record(Path(job.folder)).get("node", ""))
            if name in nodes and not _is_there(nodes[name]):
                lost.setdefault(name, []).append(job.number)
                continue
            deaths[job.number] = deaths.get(job.number, 0) + 1
            if deaths[job.number] <= self._retries:
                tell(f"job {job.number}: its process was killed (out of memory?); it is run again")
        for name, numbers in lost.items():
            which = f"job {numbers[0]} was" if len(numbers) == 1 else f"jobs {', '.join(map(str, numbers))} were"
            tell(f"node {name[:8]} ({nodes[name]['NodeManagerAddress']}) died: {which} run again")

    def _check_room(self) -> None:
        """Raise a UserError where no machine has what a job needs: Ray would wait for one."""
        alive = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if not any(has.get("CPU", 0) >= self._cores and has.get("GPU", 0) >= self._gpus for has in alive):
            have = "; ".join(f"{has.get('CPU', 0):g} CPUs and {has.get('GPU', 0):g} GPUs" for has in alive)
            needs = f"launcher.cores={self._cores} launcher.gpus={self._gpus:g}"
            raise UserError(f"{needs}: no machine of the Ray cluster has so many; there are {have}")

    def _cancel(self, references: list[Any]) -> None:
        """Ask what runs to end, as Ctrl-C does, and end it if that takes too long."""
        if not references:
            return
        for force in (False, True):
            for reference in references:
                self._ray.cancel(reference, force=force)
            _, references = self._ray.wait(references, num_returns=len(references), timeout=_GRACE_SECONDS)
            if not references:
                return


def _require_answer(address: str) -> None:
    """Raise a UserError where nobody listens at ``host:port`` or ``ray://host:port``: Ray would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise UserError(
            f"RAY_ADDRESS={address}: nobody answers there ({error}); start the cluster, or unset RAY_ADDRESS for this machine"
        ) from error


def _is_there(node: dict[str, Any]) -> bool:
    """Whether a node lives; the cluster itself may take half a minute to notice that one does not."""
    if not node["Alive"]:
        return False
    try:
        socket.create_connection((node["NodeManagerAddress"], node["NodeManagerPort"]), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


class _Own(io.TextIOBase):
    """Hands on what the thread that made it writes: Ray's own print whole logs of a node that died."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        """Write, or not."""
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
