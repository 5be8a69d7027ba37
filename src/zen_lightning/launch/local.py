"""Jobs on this machine, each in a process of its own: ``launcher=serial`` and ``launcher=joblib``."""

import queue
import signal
import threading
import time
from collections.abc import Generator, Sequence

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.launch.backend import Backend, Tell, check_at_least
from zen_lightning.launch.child import Child
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended, State, read_record
from zen_lightning.system.cores import available_cores

_GRACE_SECONDS = 30.0


class SerialJobs(Backend):
    """Runs jobs one after another, each in a process of its own; what they print goes to the terminal.

    One whose process is killed (out of memory, a fault in a library) is run again.

    Args:
        threads: of torch in each job, and the cores that it takes for its own; by default all.
        retries: how often a job whose process was killed is run again.
    """

    where = "one after another"

    def __init__(self, threads: int | None = None, retries: int = 1) -> None:
        check_at_least("threads", threads, 1)
        check_at_least("retries", retries, 0)
        self._threads = threads
        self._retries = retries
        self._children: set[Child] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, jobs: Sequence[Job], tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        """Run jobs; see :meth:`Backend.run`."""
        self._stopping.clear()
        try:
            yield from self._each(jobs, tell)
        finally:
            self._stop()

    def _each(self, jobs: Sequence[Job], tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        for job in jobs:
            shown = job._replace(logged=False, threads=self._threads)
            print(f"\njob {job.number}: {' '.join(job.overrides)}", flush=True)
            yield shown, self._attempt(shown, tell)

    def _attempt(self, job: Job, tell: Tell) -> Ended:
        """Run a job, again if its process is killed."""
        began = time.monotonic()
        how = ""
        for attempt in range(1 + self._retries):
            if attempt:
                tell(f"job {job.number}: {how}; it is run again")
            with self._lock:
                if self._stopping.is_set():
                    return Ended(State.STOPPED, error="it was stopped")
                child = Child(job)
                self._children.add(child)
            code = child.wait()
            with self._lock:
                self._children.discard(child)
            found = read_record(child.folder)
            if code == 0 and "seconds" not in found:
                return Ended(State.FAILED, round(time.monotonic() - began, 3), error="it left no record (is the disk full?)")
            if code == 0:
                return Ended(State(found["state"]), found["seconds"], found["objective"], found["error"])
            if self._stopping.is_set():
                return Ended(State.STOPPED, error="it was stopped")
            how = f"its process {_death(code)}"
        often = f", {1 + self._retries} times" if self._retries else ""
        return Ended(State.KILLED, round(time.monotonic() - began, 3), error=f"{how}{often}")

    def _stop(self) -> None:
        """Ask what still runs to end, and end it if that takes too long."""
        with self._lock:
            self._stopping.set()
            running = list(self._children)
        try:
            for child in running:
                child.interrupt()
            deadline = time.monotonic() + _GRACE_SECONDS
            for child in running:
                child.wait(max(0.0, deadline - time.monotonic()))
        finally:  # Also where Ctrl-C is pressed a second time.
            for child in running:
                child.kill()


class JoblibJobs(SerialJobs):
    """Runs several jobs at a time, handed out by joblib (https://joblib.readthedocs.io), each in a process of its own.

    What a job prints goes to ``job.log`` in its folder.

    Args:
        jobs: at a time; by default as many as there are ``gpus``, or else as have ``threads`` cores each.
        threads: of torch in each job, and the cores that it takes for its own; by default its share of the cores.
        gpus: that jobs get in turn, one each, as CUDA_VISIBLE_DEVICES names them; by default each sees all.
        retries: how often a job whose process was killed is run again.

    Raises:
        MissingExtraError: joblib is not installed.
    """

    def __init__(
        self,
        jobs: int | None = None,
        threads: int | None = None,
        gpus: Sequence[int | str] | None = None,
        retries: int = 1,
    ) -> None:
        super().__init__(threads, retries)
        try:
            import joblib
        except ImportError:
            raise MissingExtraError("joblib", "sweeps", "launcher=joblib") from None
        check_at_least("jobs", jobs, 1)
        if gpus is not None and (isinstance(gpus, str) or not gpus):
            raise UserError(f"launcher.gpus={gpus}: expected a list, such as '[0,1]'")
        cores = available_cores()
        self._jobs = jobs or (len(gpus) if gpus else max(1, cores // (threads or 1)))
        self._threads = threads or max(1, cores // self._jobs)
        self._gpus: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._joblib = joblib
        for slot in range(self._jobs if gpus else 0):
            self._gpus.put(str((gpus or [])[slot % len(gpus or [])]))
        self.where = f"{self._jobs} at a time, {self._threads} {'thread' if self._threads == 1 else 'threads'} each"

    def _each(self, jobs: Sequence[Job], tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        parallel = self._joblib.Parallel(self._jobs, backend="threading", return_as="generator_unordered", batch_size=1)
        results = parallel(self._joblib.delayed(self._in_turn)(job, tell) for job in jobs)
        try:
            for pair in results:  # noqa: UP028  (joblib is closed after the jobs, not before them)
                yield pair
        finally:
            self._stop()
            for _ in results:  # With nothing left to run, joblib ends its threads without a warning.
                pass

    def _in_turn(self, job: Job, tell: Tell) -> tuple[Job, Ended]:
        gpu = None if self._gpus.empty() else self._gpus.get()
        try:
            return job, self._attempt(job._replace(threads=self._threads, gpu=gpu), tell)
        finally:
            if gpu is not None:
                self._gpus.put(gpu)


def _death(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
