"""Sockets and semaphores of the processes that a command starts: what a killed command leaves of them, the next one removes."""

import contextlib
import multiprocessing
import os
import shutil
import socket
import tempfile
import time
from multiprocessing.util import Finalize
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has neither these files nor this module.
    fcntl = None  # type: ignore[assignment]

_PREFIX = "zl-processes-"
_SEMAPHORE_PREFIX = "zl-"
"""Short: with the slash, what is random in the name of the folder, and what Python adds, 21 characters; macOS takes 30."""

_LOCK = "lock"
_SEMAPHORES = Path("/dev/shm")
"""Where Linux keeps named semaphores, as files ``sem.NAME``."""

_YOUNG = 60.0
"""Seconds in which a folder without a holder of its lock may belong to a process that has just made it. A choice."""

_LONGEST = 62
"""Characters of the folder for temporary files, if it is used: the path of a socket may have 103 (``sun_path`` of unix(4) on
macOS; 107 on Linux), of which the folder made there takes 22 and Python's name of the socket 18."""

_LONGEST_NAME = 256
"""Bytes of the name of a machine; Linux has 64."""

_own: tuple[int, Path] | None = None


def name_process_files() -> None:
    """Have :mod:`multiprocessing` keep what it leaves in the file system in one folder, and under one name, of this process.

    Processes that this one starts inherit both. A lock says that they are in use: the system takes it away when this process
    ends, however that happens. What others have left on this machine, of the same user and without a holder of their lock, is
    removed.
    """
    global _own
    settings = getattr(multiprocessing.current_process(), "_config", {})
    if fcntl is None or "tempdir" in settings or multiprocessing.parent_process() is not None:
        return
    root = Path(tempfile.gettempdir())
    if len(os.fsencode(root)) > _LONGEST:
        root = Path("/tmp")
    try:
        _remove_left(root)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
    except OSError:  # No folder for temporary files: where one is needed, that is told.
        return
    if not _lock(folder):  # A file system without locks, as Lustre may be: nobody could tell whether the folder is in use.
        shutil.rmtree(folder, ignore_errors=True)
        return
    settings.update(tempdir=str(folder), semprefix=f"/{_semaphores_of(folder)}")
    _own = os.getpid(), folder
    Finalize(None, remove_process_files, exitpriority=-100)  # After all others, as Python's own.


def remove_process_files() -> None:
    """Remove the folder of this process, which must end then: its fork server could not be reached any more."""
    if _own is not None and _own[0] == os.getpid():
        with contextlib.suppress(OSError):
            _remove(_own[1])


def _lock(folder: Path) -> bool:
    """Lock the folder for as long as this process lives, and return whether that could be done.

    The lock says on which machine: a disk that several machines share may keep its locks to each (Lustre, NFS).
    """
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(lock, _machine())
    except OSError:
        os.close(lock)
        return False
    return True


def _machine() -> bytes:
    return os.fsencode(socket.gethostname())[:_LONGEST_NAME]


def _semaphores_of(folder: Path) -> str:
    """Return how the names of the semaphores begin whose processes use the folder."""
    return _SEMAPHORE_PREFIX + folder.name.removeprefix(_PREFIX)


def _remove_left(root: Path) -> None:
    for folder in root.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            held = folder.lstat()
            if held.st_uid != os.getuid() or time.time() - held.st_mtime < _YOUNG or not folder.is_dir():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.read(lock, _LONGEST_NAME) == _machine():
                    _remove(folder)
            finally:
                os.close(lock)


def _remove(folder: Path) -> None:
    # Python's process that removes semaphores may be gone, too: killed with all others, or by Ctrl-C as it started.
    for semaphore in _SEMAPHORES.glob(f"sem.{_semaphores_of(folder)}-*"):
        semaphore.unlink(missing_ok=True)
    shutil.rmtree(folder)
