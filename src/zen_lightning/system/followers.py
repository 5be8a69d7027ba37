"""Processes of other programs that are to end with this one, such as those of Ray."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zen_lightning.system import end_marked

_MARK = "ZEN_LIGHTNING_FOLLOWS"
"""Environment variable by which they are known."""


class Followers:
    """Kills processes that another program starts for this one, where this one is killed and cannot end them.

    What is started within :meth:`marking`, and all that it starts itself, is known by a variable of its environment. A small
    process waits for the end of this one. Linux only; elsewhere nothing is done.

    Example:
        >>> followers = Followers()
        >>> with followers.marking():
        ...     _ = subprocess.run([sys.executable, "-c", ""])
        >>> followers.close()
    """

    def __init__(self) -> None:
        self._value = f"{os.getpid()}-{time.monotonic_ns()}"
        self._waiting: subprocess.Popen[bytes] | None = None

    @contextmanager
    def marking(self) -> Iterator[None]:
        """Mark what is started in this context."""
        if not Path("/proc/self/environ").exists():
            yield
            return
        self._waiting = subprocess.Popen(
            [sys.executable, "-I", "-S", end_marked.__file__, f"{_MARK}={self._value}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        before = os.environ.get(_MARK)
        os.environ[_MARK] = self._value
        try:
            yield
        finally:
            os.environ.pop(_MARK)
            if before is not None:
                os.environ[_MARK] = before

    def close(self) -> None:
        """Say that they have ended; call it after what was started was ended in its own way."""
        if self._waiting is not None:
            self._waiting.communicate(end_marked.ENDED)
            self._waiting = None
