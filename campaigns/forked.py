"""Commands in processes that are forked from one that has imported the packages: a fifth of the time of new ones."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / "run.py"
_ENDS = 20.0
"""Seconds in which the processes of a command end after its main process was killed."""

_MARK = "ZEN_LIGHTNING_CAMPAIGN"
_IMPORTED = (
    *("torch", "torchvision", "pytorch_lightning", "optuna", "wandb", "onnxruntime"),
    *("zen_lightning.cli.main", "zen_lightning.api", "zen_lightning.tasks.running"),
)


def import_all() -> None:
    """Import what commands import, once."""
    for name in _IMPORTED:
        with contextlib.suppress(ImportError):
            import_module(name)


class Command:
    """A command in a forked process, at the head of a session of its own.

    Args:
        words: its command line.
        log: file for what it prints.
        prepare: called in the process before the command begins.
    """

    def __init__(self, words: Sequence[str], log: Path, prepare: Callable[[], None]) -> None:
        self.log = log
        self.mark = f"{os.getpid()}-{time.monotonic_ns()}"
        self.began = time.monotonic()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(words, prepare)
        self.code: int | None = None

    def _become(self, words: Sequence[str], prepare: Callable[[], None]) -> None:
        code = 70
        try:
            os.setsid()
            os.environ[_MARK] = self.mark
            file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            # The processes that it starts import what it was started by: not this script.
            sys.modules["__main__"].__file__ = str(RUN)
            sys.argv = [str(RUN), *words]
            prepare()
            from zen_lightning.__main__ import main

            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException as error:
            os.write(2, f"Traceback: {error!r}".encode())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def ended(self) -> bool:
        """Whether it has ended; its exit code is kept then."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def wait(self, seconds: float) -> bool:
        """Wait; return whether it has ended."""
        while not self.ended() and time.monotonic() - self.began < seconds:
            time.sleep(0.01)
        return self.ended()

    def processes(self) -> list[int]:
        """Return the processes that it started and that still run."""
        mark = f"{_MARK}={self.mark}".encode()
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (place / "environ").read_bytes().split(b"\0") and " Z " not in (place / "stat").read_text():
                    found.append(int(place.name))
            except OSError:
                continue
        return found

    def kill(self, everything: bool) -> int:
        """Kill it, with all that it started or alone; return how many processes are left some time later."""
        for pid in [self.pid, *(self.processes() if everything else [])]:
            _kill(pid)
        self.wait(60)
        before = time.monotonic()
        while (left := self.processes()) and time.monotonic() - before < _ENDS:
            time.sleep(0.1)
        for pid in left:
            _kill(pid)
        return len(left)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
