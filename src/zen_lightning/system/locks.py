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
    try:
        import fcntl
    except ImportError:  # Windows has no fcntl; users there must not run two processes on one file.
        return
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    # Here, so that it has no context: what flock raises looks like the error of a system that starts no more processes.
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
    try:
        import fcntl
    except ImportError:
        yield
        return
    waited = False
    while True:
        file, in_use = lock_file(path), False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            in_use = True
        except OSError:  # The file system has no locks: continue without one.
            break
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


def _is_there(path: Path, file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
