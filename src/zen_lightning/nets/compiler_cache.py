"""Where PyTorch's compiler keeps what it has compiled: a folder of this user alone."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from zen_lightning.system.caches import caches, passing_caches

_PLACE = "TORCHINDUCTOR_CACHE_DIR"
"""Environment variable of PyTorch: the folder. A user who sets it knows whose it is."""


def use_own_compiler_cache() -> None:
    """Have ``torch.compile`` keep compiled code where nobody else can put any; call it before.

    By default that is a folder in ``/tmp`` whose name anybody can tell, and make first: PyTorch unpickles and loads what lies
    there. Instead of one that is not of this user, or that others may write to, one among this project's caches is taken.
    """
    from torch._inductor.runtime.cache_dir_utils import default_cache_dir

    place = default_cache_dir()
    if os.environ.get(_PLACE, place) != place or not hasattr(os, "getuid"):
        return
    if not _is_own(place):
        with suppress(OSError):  # PyTorch has made it as it was imported, as the umask lets it, and it is empty.
            os.rmdir(place)
        with suppress(OSError):
            Path(place).mkdir(mode=0o700)
    if not _is_own(place):
        own = _own_place()
        os.environ[_PLACE] = str(own)
        print(
            f"compile: {place} is not yours alone, others may have put code there: what is compiled is kept in {own} instead",
            file=sys.stderr,
            flush=True,
        )


def _own_place() -> Path:
    own = caches() / "compiled"
    with suppress(OSError):
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(own, os.W_OK | os.X_OK):  # A home folder that cannot be written.
        own = passing_caches() / "compiled"
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
    return own


def _is_own(place: str) -> bool:
    """Whether a folder is of this user, and nobody else can write to it.

    A group that has the number of the user is the user's own: many distributions make one for each, and let it write.
    """
    try:
        found = os.lstat(place)
    except OSError:
        return False
    others = stat.S_IWOTH if found.st_gid == found.st_uid else stat.S_IWOTH | stat.S_IWGRP
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & others
