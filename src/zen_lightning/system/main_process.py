"""The main process of a training, as the processes beside it see it: they end when it is gone."""

import os
import threading
import time
from typing import ClassVar

from zen_lightning.system.signal_watch import tell

MAIN_PID = "ZEN_LIGHTNING_MAIN_PID"
"""Environment variable that gives a process started beside the main one the id of the main one."""

GONE_CODE = 69
"""Exit code where another process of the training is gone: EX_UNAVAILABLE of sysexits.h."""

GONE_EARLY = "error: the main process of this command is gone, perhaps killed; start the command again"
"""What is said where that happens before a training or evaluation begins."""

_POLL = 0.5
"""Seconds between two looks at the main process. A choice: it is missed within a second, and looking costs nothing."""


def is_beside_main() -> bool:
    """Whether this process was started beside the main one of a training."""
    return os.environ.get(MAIN_PID, "").isdecimal()


class WithMain:
    """Ends a process that was started beside the main one when that is gone: killed, it leaves the others waiting for it.

    One that is entered takes the place of the one before.

    Args:
        told: message that the first of them then writes to stderr.
    """

    _current: "ClassVar[WithMain | None]" = None

    def __init__(self, told: str) -> None:
        self._told = told
        self._over = threading.Event()
        self._main = int(os.environ[MAIN_PID]) if is_beside_main() else 0
        self._is_parent = os.getppid() == self._main

    def __enter__(self) -> None:
        """Begin to watch the main process."""
        before, WithMain._current = WithMain._current, self
        if before is not None:
            before._over.set()
        if self._main:
            threading.Thread(target=self._watch, name="watch-main", daemon=True).start()

    def __exit__(self, *_: object) -> None:
        """Watch no longer: the main process may now end before this one."""
        self._over.set()

    def exit_if_gone(self, wait: float) -> None:
        """End this process if the main one is gone, or is so within some seconds."""
        deadline = time.monotonic() + wait
        while self._main and time.monotonic() < deadline:
            self._look()
            time.sleep(_POLL / 5)

    def _watch(self) -> None:
        while True:
            self._look()
            if self._over.wait(_POLL):
                return

    def _look(self) -> None:
        if (os.getppid() != self._main) if self._is_parent else not _is_alive(self._main):
            if os.environ.get("LOCAL_RANK") == "1":
                tell(self._told)
            os._exit(GONE_CODE)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
