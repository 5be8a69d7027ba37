"""A handler of SIGTERM, also while Python cannot run one."""

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

TERMINATED = 143
"""Exit code of a process that SIGTERM ended, as a shell has it: 128 and the number of the signal."""


class Watch:
    """Handles SIGTERM; notices it while Python cannot run the handler, and ends the process if that does not.

    A signal's handler runs in the main thread, between two lines of Python. Where that thread waits in C++ (for the other
    processes of a training, for a collective), the handler runs too late. The interpreter writes the number of each signal to
    a pipe at once (``signal.set_wakeup_fd``), and a thread reads it. Processes that are forked handle SIGTERM by default.

    Args:
        handler: of SIGTERM, from :meth:`install` to :meth:`uninstall`.
        code: the exit code of the process that this ends.
        grace: seconds that a handler, or an exception of its, has to end the process.
        last_words: called before this ends a process whose handler has not run.
        yields: whether another handler, which was installed since, is left alone with it.

    Attributes:
        grace: see above.
    """

    def __init__(
        self,
        handler: Callable[[int, FrameType | None], Any],
        code: int,
        grace: float,
        last_words: Callable[[], None],
        yields: bool = False,
    ) -> None:
        self.grace = grace
        self._handler, self._code, self._last_words, self._yields = handler, code, last_words, yields
        self._pipe: tuple[int, int] | None = None
        self._last_acts: list[Callable[[], None]] = []
        self._certain = self._is_hooked = False

    @property
    def is_installed(self) -> bool:
        """Whether its handler is the one that SIGTERM has."""
        return signal.getsignal(signal.SIGTERM) is self._handler

    def install(self) -> None:
        """Handle SIGTERM, and watch for it; the main thread alone may do so."""
        if not self._is_hooked and hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._as_forked)
            self._is_hooked = True
        signal.signal(signal.SIGTERM, self._handler)
        if self._pipe is None and hasattr(signal, "pthread_sigmask"):
            self._pipe = reader, writer = os.pipe()
            os.set_blocking(writer, False)
            signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            threading.Thread(target=self._read, args=(reader,), name="watch-sigterm", daemon=True).start()

    def uninstall(self) -> None:
        """Restore the default action of SIGTERM, and stop watching, unless another handler was installed since."""
        if in_main_thread() and self.is_installed:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self.stop()

    def stop(self) -> None:
        """Stop watching: from now on others handle signals."""
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

    def _as_forked(self) -> None:
        if self.is_installed:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if self._pipe is not None:
            signal.set_wakeup_fd(-1)
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None

    def _read(self, reader: int) -> None:
        while number := os.read(reader, 1):
            if number[0] != signal.SIGTERM:
                continue
            time.sleep(self.grace)
            if self._pipe is None:
                return
            if self._yields and not self.is_installed:
                continue
            if not self._certain:  # No handler has run: the main thread waits in C++.
                self._last_words()
            for act in self._last_acts:
                act()
            os._exit(self._code)
        os.close(reader)


def tell(message: str) -> None:
    """Write a line to stderr, also from a signal handler, where ``print`` may fail."""
    os.write(2, f"{message}\n".encode(errors="replace"))


def in_main_thread() -> bool:
    """Return whether this is the main thread, the only one that may install handlers of signals."""
    return threading.current_thread() is threading.main_thread()
