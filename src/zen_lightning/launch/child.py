"""A process that runs one job."""

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from zen_lightning.launch.job import Job, run_job
from zen_lightning.launch.job_record import State

_PRELOADED = ("zen_lightning.launch.job", "zen_lightning.cli.main", "torch", "matplotlib.backends.backend_agg", "rich.progress")
"""What jobs import: once, where the system can fork them from a process that has done so. What is not installed is left out."""

_ASKING = threading.Lock()
"""Starting a process asks all others how they ended; of two threads that ask at once, one would read nothing."""


class Child:
    """A job in a process of its own, and in a process group: what the job starts ends with it.

    Ctrl-C at the terminal does not reach the group by itself; :meth:`interrupt` hands it on, once.

    Args:
        job: to run; the process starts at once.

    Attributes:
        folder: of the job.
    """

    def __init__(self, job: Job) -> None:
        self.folder = Path(job.folder)
        self._process = _process(job)
        with _ASKING:
            self._process.start()

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the end, or for so long, and return the exit code: minus the signal, if one ended it."""
        if not wait([self._process.sentinel], seconds):
            return 0
        with _ASKING:
            self._process.join()
        code = self._process.exitcode or 0
        if code != 0:
            self._signal(signal.SIGKILL)  # What a job that was killed had started.
        return code

    def interrupt(self) -> None:
        """Ask the job to end, as Ctrl-C does."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End the job and all that it started."""
        with _ASKING:
            runs = self._process.exitcode is None
        if runs:
            self._signal(signal.SIGKILL)
            with suppress(ProcessLookupError):
                self._process.kill()
            self.wait()

    def _signal(self, signum: int) -> None:
        if self._process.pid is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signum)
            else:
                os.kill(self._process.pid, signum)


def _process(job: Job) -> BaseProcess:
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(list(_PRELOADED))
        return server.Process(target=_run, args=(job,))
    return multiprocessing.get_context("spawn").Process(target=_run, args=(job,))


def _run(job: Job) -> None:
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    # Ignored in what a shell started in the background, and still how a job is asked to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_follow_parent, daemon=True).start()
    if run_job(job).state == State.STOPPED:
        # As after Ctrl-C anywhere, nothing waits for threads of libraries.
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(0)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
