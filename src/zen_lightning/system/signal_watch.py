"""SIGTERM while Python cannot run a handler."""

import os
import signal
import threading
import time
from collections.abc import Callable

TERMINATED = 143
"""Exit code of a process that SIGTERM ended, as a shell has it: 128 and the number of the signal."""


class Watch:
    """Notices SIGTERM while Python cannot run a handler, and ends the process if an exception does not.

    A signal's handler runs in the main thread, between two lines of Python. Where that thread waits in C++ (for the other
    processes of a training, for a collective), the handler runs too late. The interpreter writes the number of each signal to
    a pipe at once (``signal.set_wakeup_fd``), and a thread reads it.

    Args:
        code: the exit code of the process that this ends.
        grace: seconds that a handler, or an exception of its, has to end the process.
        last_words: called before this ends a process whose handler has not run.
        heeds: whether SIGTERM is to be noticed, asked after the grace: another handler may have been installed meanwhile.

    Attributes:
        grace: see above.
    """

    def __init__(
        self, code: int, grace: float, last_words: Callable[[], None], heeds: Callable[[], bool] = lambda: True
    ) -> None:
        self.grace = grace
        self._code, self._last_words, self._heeds = code, last_words, heeds
        self._pipe: tuple[int, int] | None = None
        self._last_acts: list[Callable[[], None]] = []
        self._certain = False

    def start(self) -> None:
        """Start watching for SIGTERM; does nothing outside the main thread."""
        if self._pipe is None and hasattr(signal, "pthread_sigmask") and in_main_thread():
            self._pipe = reader, writer = os.pipe()
            os.set_blocking(writer, False)
            signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            threading.Thread(target=self._read, args=(reader,), name="watch-sigterm", daemon=True).start()

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

    def forget(self) -> None:
        """Close this process's copy of the pipe, after a fork."""
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
            if not self._heeds():
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
