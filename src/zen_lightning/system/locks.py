"""Locks on files, which are released when the process that holds them ends."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from zen_lightning.errors import UserError
from zen_lightning.system.ordinary_file import holds_file

_POLL_SECONDS = 0.2
"""Pause between two attempts to get a lock. A choice: nobody notices it, and it costs no processor time to speak of."""


def lock(file: IO[bytes], path: Path, owner: str) -> None:
    """Lock a file against other processes until it is closed.

    Args:
        file: an open file.
        path: its path, for the error.
        owner: who uses it if it is in use, for the error: ``"search in this folder is still running"``.

    Raises:
        UserError: another process holds the lock.
    """
    # Outside of what flock raises, which looks like the error of a system that starts no more processes.
    if _is_in_use(file):
        raise UserError(f"{path} is in use: the {owner}")


def lock_file(path: Path) -> IO[bytes]:
    """Return a lock file, open; it is made where it is not there.

    Raises:
        UserError: something else is in its place: opening a pipe would wait for somebody who reads from it.
    """
    holds_file(path)
    return path.open("ab")


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file ``path``; a second process waits for the first.

    Args:
        path: a file that is created as the lock and removed afterwards; its folder exists.
        on_wait: called once if another process holds the lock.
    """
    if os.name != "posix":
        yield
        return
    waited = False
    while True:
        file = lock_file(path)
        in_use = _is_in_use(file)
        if not in_use and _is_there(path, file):
            break
        file.close()  # In use, or the process before removed it, so that other processes lock another file by now.
        if in_use:
            if not waited:
                on_wait()
            waited = True
            time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        file.close()


def _is_in_use(file: IO[bytes]) -> bool:
    """Lock a file, and return whether another process has done so.

    Where the system or the file system has no locks, such as Lustre mounted without ``flock``, nothing is locked.
    """
    try:
        import fcntl
    except ImportError:  # Windows has none; users there must not run two processes on one file.
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _is_there(path: Path, file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
