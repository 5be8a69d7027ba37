"""The other processes of a training on this machine: started, watched, and ended with it."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch

from zen_lightning.system.ending import end_at_once
from zen_lightning.system.limits import require_processes
from zen_lightning.system.main_process import GONE_CODE, MAIN_PID
from zen_lightning.system.requeue import REQUEUE_CODE
from zen_lightning.training.lightning_internals import SubprocessLauncher, set_threads

_POLL = 0.5
"""Seconds between two looks at the other processes. A choice: a failure is seen within a second, and looking costs nothing."""

_THREADS = 8
"""Threads of a process of a training beside those of torch's operations, measured: of its backward passes and of Gloo."""

_GRACE = 10.0
"""Seconds that the main process has to end by itself after another has failed; waiting in NCCL, it would wait half an hour.
Those in which it writes a checkpoint do not count: one that is under way is finished. A choice: time to raise and print its own
error, short enough that nobody waits for a dead training."""

_STOPPED = (REQUEUE_CODE, 130)
"""Exit codes of processes that a scheduler or Ctrl-C stopped."""


class Launcher(SubprocessLauncher):
    """Starts the processes beside the main one, and ends the training with a sentence if one of them fails.

    Lightning's own launcher kills all processes, the main one among them, without a message.

    Args:
        launcher: Lightning's own, which this replaces.
        on_failure: is given the rank on this machine and the exit code (negative: the signal) of the process that failed, and
            returns the code to exit with after it has told the user.
        is_writing: returns whether the main process has files to write that must not be lost.
    """

    def __init__(
        self,
        launcher: SubprocessLauncher,
        on_failure: Callable[[int, int], int],
        is_writing: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(launcher.cluster_environment, launcher.num_processes, launcher.num_nodes)
        self.starts_others = launcher.num_processes > 1 and not launcher.cluster_environment.creates_processes_externally
        self.is_ending = False
        self._on_failure = on_failure
        self._is_writing = is_writing

    def launch(self, function: Callable[..., Any], *args: Any, trainer: pl.Trainer | None = None, **kwargs: Any) -> Any:
        """Start the processes, and call the function in this one; what it returns is returned."""
        self.cluster_environment.validate_settings(num_devices=self.num_processes, num_nodes=self.num_nodes)
        set_threads(num_processes=self.num_processes)  # First: the others get as many, which are asked for.
        if self.starts_others:
            require_processes(self.num_processes - 1, _THREADS + torch.get_num_threads())
            os.environ[MAIN_PID] = str(os.getpid())
            try:
                self._call_children_scripts()
            finally:
                del os.environ[MAIN_PID]
            threading.Thread(target=self._watch, name="watch-processes", daemon=True).start()
        return function(*args, **kwargs)

    def failed(self, wait: float = 0.0) -> tuple[int, int] | None:
        """Return the rank on this machine and the exit code of a process that failed or was stopped, if there is one.

        Of several it is one that did not end just because another had.

        Args:
            wait: seconds to wait for one.
        """
        deadline = time.monotonic() + wait
        while True:
            codes = [(rank, process.poll()) for rank, process in enumerate(self.procs, 1)]
            ended = [(rank, code) for rank, code in codes if code]
            first = [one for one in ended if one[1] != GONE_CODE]
            if first or time.monotonic() >= deadline:
                return next(iter([*first, *ended]), None)
            time.sleep(_POLL / 5)

    def end(self, signum: int | None = None, grace: float = _GRACE) -> None:
        """Wait until the other processes have ended; those that do not are killed.

        Args:
            signum: signal to send them first.
            grace: seconds to wait.
        """
        self.is_ending = True
        if signum is not None:
            self._send(signum)
        deadline = time.monotonic() + grace
        for process in self.procs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        self._send(signal.SIGKILL)

    def _send(self, signum: int) -> None:
        for process in self.procs:
            if process.poll() is None:
                process.send_signal(signum)

    def _watch(self) -> None:
        while (failed := self.failed()) is None:
            if self.is_ending or all(process.poll() == 0 for process in self.procs):
                return
            time.sleep(_POLL)
        deadline = time.monotonic() + _GRACE
        while time.monotonic() < deadline:
            time.sleep(_POLL)
            if self.is_ending:
                return
            if self._is_writing():
                deadline = time.monotonic() + _GRACE
        code = self._on_failure(*failed)
        self._send(signal.SIGKILL)
        end_at_once(code)


def exit_code(code: int) -> int:
    """Return what a shell calls the exit code of a process: of one that a signal ended, 128 and the signal's number."""
    return code if code >= 0 else 128 - code


def is_stop(code: int) -> bool:
    """Whether a process that exited with this code was stopped from outside, and did not fail."""
    return code in _STOPPED
