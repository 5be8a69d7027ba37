"""SIGTERM before there is anything to save: the process ends at once, with the code that asks to be started again."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

REQUEUE_CODE = 75
"""EX_TEMPFAIL of sysexits.h: the program ended, and is to be started again. For a scheduler to act on."""

_GRACE = 8.0
"""Seconds that an exception has to end the process: Docker waits 10 between SIGTERM and SIGKILL, SLURM and Kubernetes 30."""

_tells = True
_ON_FORK: list[Callable[[], None]] = []


class Watch:
    """Sees signals that come while Python cannot run a handler, and ends the process where an exception does not do so.

    A signal's handler runs in the main thread, between two lines of Python. Where that thread waits in C++ (for the other
    processes of a training, for a collective), it runs when it is too late. The interpreter writes the number of each signal
    to a pipe at once (``signal.set_wakeup_fd``); a thread reads it.
    """

    def __init__(self) -> None:
        self._pipe: tuple[int, int] | None = None
        self._last_acts: list[Callable[[], None]] = []
        self._certain = False

    def start(self) -> None:
        """Begin to watch for SIGTERM; only the main thread can."""
        if self._pipe is None and hasattr(signal, "pthread_sigmask") and _in_main_thread():
            self._pipe = reader, writer = os.pipe()
            os.set_blocking(writer, False)
            signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            threading.Thread(target=self._read, args=(reader,), name="watch-sigterm", daemon=True).start()

    def stop(self) -> None:
        """End watching: from now on, the training itself acts on signals."""
        if self._certain:
            return
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            signal.set_wakeup_fd(-1)
            os.close(pipe[1])

    def insist(self) -> None:
        """Watch on until the process has ended, which an exception is about to do."""
        self._certain = True

    def before_exit(self, act: Callable[[], None]) -> None:
        """Have ``act`` called before this ends the process."""
        self._last_acts.append(act)

    def forget(self) -> None:
        """Leave the pipe to the process that this one was forked from."""
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
"""Of this process."""


@contextmanager
def exiting_on_sigterm(tells: bool = True) -> Iterator[None]:
    """Exit with code 75 at SIGTERM, for as long as the context lasts, or until :func:`leave_sigterm`.

    Processes that are forked meanwhile end by SIGTERM as processes do.

    Args:
        tells: whether to write a line to stderr then.
    """
    global _tells
    _tells = tells
    if not _in_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # Somebody else has a use for it.
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
    """Let SIGTERM do again what it does by default, where :func:`exiting_on_sigterm` has changed that."""
    if _is_ours():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        watch.stop()


def tell(message: str) -> None:
    """Write a line to stderr, also from a handler of a signal, where ``print`` may fail."""
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
