"""A process that runs one job."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.launch.fork_server import ending_with_this
from zen_lightning.launch.job import Job, how_exited, run_job
from zen_lightning.launch.job_record import Ended, State, read_ended
from zen_lightning.system.ending import end_at_once
from zen_lightning.system.requeue import exiting_on_sigterm
from zen_lightning.system.streams import ready_streams
from zen_lightning.system.tracker import start_tracker

_PRELOADED = (
    "zen_lightning.launch.fork_server",  # Before all others.
    "zen_lightning.launch.job",
    "zen_lightning.cli.main",
    "torch",
    "matplotlib.backends.backend_agg",
    "rich.progress",
)
"""Modules that jobs import, once if the system can fork them from a process that has them; missing ones are left out."""

_DIES = 2.0
"""Seconds in which a process that was killed has ended, after its connections have. A choice: freeing memory takes tenths."""

_BY_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a process, for the exit code."""


class Child:
    """A job in a process of its own, and in a process group: what the job starts ends with it.

    Ctrl-C at the terminal does not reach the group by itself; :meth:`interrupt` hands it on, once.

    Args:
        job: the job to run; the process starts at once.

    Attributes:
        job: as above.
        sentinel: is ready, for ``multiprocessing.connection.wait``, when the process has ended.

    Raises:
        UserError: the process that jobs are forked from was killed, and the next one too.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        try:
            self._start()
        except (EOFError, ConnectionError):  # The process that jobs are forked from was killed: Python starts another.
            time.sleep(_DIES)
            try:
                self._start()
            except (EOFError, ConnectionError):
                what = "the process that jobs are forked from was killed twice as it started (out of memory?)"
                raise UserError(
                    what, remedy="free memory, then start the same command again, or continue it by resume="
                ) from None
        self.sentinel = self._process.sentinel
        self._terminated = False

    def _start(self) -> None:
        self._process = _process(self.job)
        try:
            with _blocked({signal.SIGTERM}), ending_with_this():
                with _blocked({signal.SIGINT}):
                    _start_server()
                self._process.start()
        except BaseException:  # Ctrl-C came meanwhile: nobody else knows this process yet.
            if self._process.pid is not None:
                self.kill()
            raise

    def ended(self) -> Ended:
        """Wait for the end, and return how the job ended."""
        self._process.join()
        code = self._process.exitcode or 0
        if code != 0:
            self._signal(signal.SIGKILL)  # What a job that was killed had started.
        if code < 0:
            return _death(-code)
        found = read_ended(Path(self.job.folder))
        if code == 0:
            return found or Ended(State.STOPPED, error="it left no record (is the disk full?)", code=1)
        state, reason = how_exited(code)
        return Ended(state, error=reason, code=code)

    def interrupt(self) -> None:
        """Ask the job to end, as Ctrl-C does."""
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        """Hand SIGTERM on to the process, once: what the job has started is the job's own responsibility."""
        if not self._terminated:
            self._process.terminate()
        self._terminated = True

    def kill(self) -> None:
        """End the job and all that it started."""
        if self._process.exitcode is None:
            self._signal(signal.SIGKILL)
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.join()

    def _signal(self, signum: int) -> None:
        if self._process.pid is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signum)
            else:
                os.kill(self._process.pid, signum)


def _death(signum: int) -> Ended:
    name = signal.Signals(signum).name if signum in set(signal.Signals) else f"signal {signum}"
    code = _BY_SIGNAL + signum
    if signum == signal.SIGTERM:
        return Ended(State.STOPPED, error="it was stopped by SIGTERM", code=code)
    why = " (out of memory?)" if name == "SIGKILL" else ""
    return Ended(State.KILLED, error=f"its process was killed by {name}{why}", code=code)


def _process(job: Job) -> BaseProcess:
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(list(_PRELOADED))
        return server.Process(target=_run, args=(job,))
    return multiprocessing.get_context("spawn").Process(target=_run, args=(job,))


def _start_server() -> None:
    """Start the process that jobs are forked from, unless it runs or the system has none; its imports are not waited for."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing.forkserver import ensure_running

        ensure_running()


@contextmanager
def _blocked(signals: set[signal.Signals]) -> Iterator[None]:
    """Start processes that SIGTERM or Ctrl-C do not reach for now.

    A scheduler or a terminal sends them to all processes; the one that jobs are forked from must outlive them, also while it
    still imports: it alone knows how they end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    start_tracker()  # It would unblock SIGTERM as it starts.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(job: Job) -> None:
    ready_streams()  # Not of the process that this one is forked from.
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    # Ignored in what a shell started in the background, and still how a job is asked to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_follow_parent, daemon=True).start()
    with exiting_on_sigterm():
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        ended = run_job(job)
    if ended.state == State.STOPPED:
        # As after Ctrl-C anywhere, nothing waits for threads of libraries.
        end_at_once(0)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
