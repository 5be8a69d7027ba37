"""Where this project keeps what can be made again."""

import os
from pathlib import Path


def caches() -> Path:
    """Return the folder of this project's caches: below ``$XDG_CACHE_HOME``, or ``~/.cache``.

    A user without a home folder, as in some containers, has one that lasts as long as the process.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "zen_lightning"
    except RuntimeError:  # There is no HOME, and the user has no name.
        return passing_caches()


def passing_caches() -> Path:
    """Return a folder for caches that lasts as long as this process and is its user's alone; those that it starts share it."""
    from multiprocessing.util import get_temp_dir  # Few need this.

    from zen_lightning.system.process_files import name_process_files

    name_process_files()
    return Path(get_temp_dir()) / "zen_lightning"
