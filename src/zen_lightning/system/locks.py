"""One process at a time: locks on files, which end with the process that holds them."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from zen_lightning.errors import UserError

_POLL_SECONDS = 0.2


def lock(file: IO[bytes], path: Path, owner: str) -> None:
    """Keep other processes from a file until it is closed.

    Args:
        file: open.
        path: of the file, for the error.
        owner: what uses it, if it is in use, for the error.

    Raises:
        UserError: another process has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no fcntl; there two processes on one file are the user's own care.
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(f"{path} is in use: the {owner}") from None


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock named ``path``; who comes second waits.

    Args:
        path: of a file that is made for the purpose, and gone afterwards; its folder exists.
        on_wait: called once, if another process has the lock.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    waited = False
    while True:
        file = path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            if not waited:
                on_wait()
            waited = True
            time.sleep(_POLL_SECONDS)
            continue
        except OSError:  # A file system without locks: better none than no file.
            break
        if _is_there(path, file):
            break
        file.close()  # The one before has removed it: what was locked is the lock of nobody else.
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
