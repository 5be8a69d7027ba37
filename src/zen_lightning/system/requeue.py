"""SIGTERM before a training has anything to save: the process exits at once, with the code that asks for a restart."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

REQUEUE_CODE = 75
"""EX_TEMPFAIL of sysexits.h: the program ended and should be started again. Schedulers act on it."""

_GRACE = 8.0
"""Seconds that an exception has to end the process. Docker waits 10 between SIGTERM and SIGKILL, SLURM and Kubernetes 30."""

_tells = True
_ON_FORK: list[Callable[[], None]] = []


class Watch:
    """Notices SIGTERM while Python cannot run a handler, and ends the process if an exception does not.

    A signal's handler runs in the main thread, between two lines of Python. Where that thread waits in C++ (for the other
    processes of a training, for a collective), the handler runs too late. The interpreter writes the number of each signal to
    a pipe at once (``signal.set_wakeup_fd``), and a thread reads it.
    """

    def __init__(self) -> None:
        self._pipe: tuple[int, int] | None = None
        self._last_acts: list[Callable[[], None]] = []
        self._certain = False

    def start(self) -> None:
        """Start watching for SIGTERM; does nothing outside the main thread."""
        if self._pipe is None and hasattr(signal, "pthread_sigmask") and _in_main_thread():
            self._pipe = reader, writer = os.pipe()
            os.set_blocking(writer, False)
            signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            threading.Thread(target=self._read, args=(reader,), name="watch-sigterm", daemon=True).start()

    def stop(self) -> None:
        """Stop watching: from now on the training itself handles signals."""
        if self._certain:
            return
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            signal.set_wakeup_fd(-1)
            os.close(pipe[1])

    def insist(self) -> None:
        """Keep watching until the process has ended, as an exception is about to end it."""
        self._certain = True

    def before_exit(self, act: Callable[[], None]) -> None:
        """Call ``act`` before this ends the process."""
        self._last_acts.append(act)

    def forget(self) -> None:
        """Close this process's copy of the pipe, after a fork."""
        if self._pipe is not None:
            signal.set_wakeup_fd(-1)
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None

    def _read(self, reader: int) -> None:
        while number := os.read(reader, 1):
            if number[0] == signal.SIGTERM:
                break
        else:
            os.close(reader)
            return
        time.sleep(_GRACE)
        if self._pipe is None:
            return
        if not self._certain:  # No handler has run: the main thread waits in C++.
            _tell_stopped()
        for act in self._last_acts:
            act()
        os._exit(REQUEUE_CODE)


watch = Watch()
"""The watch of this process."""


@contextmanager
def exiting_on_sigterm(tells: bool = True) -> Iterator[None]:
    """Exit with code 75 at SIGTERM while the context lasts, or until :func:`leave_sigterm`.

    Processes forked in the meantime handle SIGTERM by default.

    Args:
        tells: whether to write a line to stderr at exit.
    """
    global _tells
    _tells = tells
    if not _in_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # Another handler is installed.
        return
    if not _ON_FORK and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_as_forked)
        _ON_FORK.append(_as_forked)
    signal.signal(signal.SIGTERM, _exit)
    watch.start()
    try:
        yield
    finally:
        leave_sigterm()


def leave_sigterm() -> None:
    """Restore the default action of SIGTERM if :func:`exiting_on_sigterm` has changed it."""
    if _is_ours():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        watch.stop()


def tell(message: str) -> None:
    """Write a line to stderr, also from a signal handler, where ``print`` may fail."""
    os.write(2, f"{message}\n".encode(errors="replace"))


def _exit(signum: int, frame: FrameType | None) -> None:
    watch.insist()
    _tell_stopped()
    raise SystemExit(REQUEUE_CODE)


def _tell_stopped() -> None:
    if _tells:
        tell(f"\nstopped by SIGTERM before the first step: start the same command again (exit code {REQUEUE_CODE})")


def _as_forked() -> None:
    if _is_ours():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watch.forget()


def _is_ours() -> bool:
    return _in_main_thread() and signal.getsignal(signal.SIGTERM) is _exit


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
