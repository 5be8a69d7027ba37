"""SIGTERM before a training has anything to save: the process exits at once, with the code that asks for a restart."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from zen_lightning.system.signal_watch import Watch, in_main_thread, tell

REQUEUE_CODE = 75
"""EX_TEMPFAIL of sysexits.h: the program ended and should be started again. Schedulers act on it."""

_GRACE = 8.0
"""Seconds that an exception has to end the process. Docker waits 10 between SIGTERM and SIGKILL, SLURM and Kubernetes 30."""

_tells = True


@contextmanager
def exiting_on_sigterm(tells: bool = True) -> Iterator[None]:
    """Exit with code 75 at SIGTERM while the context lasts, or until :func:`leave_sigterm`.

    Processes forked in the meantime handle SIGTERM by default.

    Args:
        tells: whether to write a line to stderr at exit.
    """
    global _tells
    _tells = tells
    if not in_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # Another handler is installed.
        return
    watch.install()
    try:
        yield
    finally:
        leave_sigterm()


def leave_sigterm() -> None:
    """Restore the default action of SIGTERM if :func:`exiting_on_sigterm` has changed it."""
    watch.uninstall()


def _exit(signum: int, frame: FrameType | None) -> None:
    watch.insist()
    _tell_stopped()
    raise SystemExit(REQUEUE_CODE)


def _tell_stopped() -> None:
    if _tells:
        tell(f"\nstopped by SIGTERM before the first step: start the same command again (exit code {REQUEUE_CODE})")


watch = Watch(_exit, REQUEUE_CODE, _GRACE, _tell_stopped)
"""The watch of this process."""
