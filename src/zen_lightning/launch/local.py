"""Jobs on this machine, each in a process of its own: ``launcher=serial`` and ``launcher=joblib``."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import FrameType

from zen_lightning.errors import UserError
from zen_lightning.launch.backend import Backend, check_at_least
from zen_lightning.launch.child import Child
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended
from zen_lightning.system.cores import available_cores
from zen_lightning.system.limits import require_processes
from zen_lightning.system.requeue import leave_sigterm
from zen_lightning.system.value_types import Cores, CountFrom0, GpuNumbers

_GRACE_SECONDS = 30.0
"""Seconds that jobs have to save after Ctrl-C. A choice, as long as SLURM and Kubernetes wait by default."""

_THREADS = 3
"""Threads of a job beside those of torch, measured in one that searches: its own, one that looks for its parent, one that waits
for SIGTERM. What a job starts itself it looks for itself."""

_POLL_SECONDS = 0.2
"""Seconds after which SIGTERM is noticed at the latest. A choice."""


class SerialJobs(Backend):
    """Runs jobs one after another, each in a process of its own; what they print goes to the terminal.

    One whose process is killed (out of memory, a fault in a library) is run again.

    Args:
        threads: the threads of torch in each job, and the number of cores that it uses; by default all.
        retries: how often a job whose process was killed is run again.
    """

    where = "one after another"
    at_once = _room = 1
    logged = False

    def __init__(self, threads: Cores | None = None, retries: CountFrom0 = 1) -> None:
        check_at_least("threads", threads, 1)
        check_at_least("retries", retries, 0)
        self.retries = retries
        self._threads = threads
        self._gpus: list[str] = []
        self._has_room = False

    @contextmanager
    def _session(self) -> Iterator[None]:
        self._has_room = False
        if threading.current_thread() is not threading.main_thread():
            yield  # Nobody can take signals there.
            return
        leave_sigterm()
        self._terminated = False
        before = signal.signal(signal.SIGTERM, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self._terminated = True

    def _start(self, jobs: Sequence[Job]) -> list[Child]:
        if not self._has_room:  # The first are as many as run at a time, or all that there are.
            require_processes(len(jobs), _THREADS + (self._threads or 1))
            self._has_room = True
        return [Child(self._placed(job)) for job in jobs]

    def _placed(self, job: Job) -> Job:
        gpu = self._gpus.pop(0) if self._gpus else None
        return job._replace(logged=self.logged, threads=self._threads, gpu=gpu)

    def _wait(self, handles: Sequence[Child]) -> list[Child]:
        if self._terminated:
            for child in handles:
                child.terminate()
        ready = wait([child.sentinel for child in handles], _POLL_SECONDS)
        return [child for child in handles if child.sentinel in ready]

    def _outcome(self, handle: Child, job: Job) -> Ended:
        if handle.job.gpu is not None:
            self._gpus.append(handle.job.gpu)
        return handle.ended()

    def _stop(self, handles: Sequence[Child]) -> None:
        try:
            for child in handles:
                child.interrupt()
            deadline = time.monotonic() + _GRACE_SECONDS
            for child in handles:
                wait([child.sentinel], max(0.0, deadline - time.monotonic()))
        finally:  # Also where Ctrl-C is pressed a second time.
            for child in handles:
                child.kill()


class LocalJobs(SerialJobs):
    """Runs several jobs at a time, each in a process of its own; what a job prints goes to ``job.log`` in its folder.

    Args:
        jobs: the number of jobs at a time; by default one for each of ``gpus``, or else for each ``threads`` cores.
        threads: the threads of torch in each job, and the number of cores that it uses; by default its share of the cores.
        gpus: the GPUs that jobs get in turn, one each, as CUDA_VISIBLE_DEVICES names them; by default each sees all.
        retries: how often a job whose process was killed is run again.
    """

    logged = True

    def __init__(
        self,
        jobs: Cores | None = None,
        threads: Cores | None = None,
        gpus: GpuNumbers | None = None,
        retries: CountFrom0 = 1,
    ) -> None:
        super().__init__(threads, retries)
        check_at_least("jobs", jobs, 1)
        if gpus is not None and (isinstance(gpus, str) or not gpus):
            raise UserError(key="gpus", value=gpus, expected="a list, such as '[0,1]'")
        cores = available_cores()
        self.at_once = self._room = jobs or (len(gpus) if gpus else max(1, cores // (threads or 1)))
        self._threads = threads or max(1, cores // self.at_once)
        self._gpus = [str(gpus[slot % len(gpus)]) for slot in range(self.at_once)] if gpus else []
        self.where = f"{self.at_once} at a time, {self._threads} {'thread' if self._threads == 1 else 'threads'} each"
