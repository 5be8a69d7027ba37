"""Where this project keeps what can be made again."""

import os
from pathlib import Path


def caches() -> Path:
    """Return the folder of this project's caches: below ``$XDG_CACHE_HOME``, or ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "zen_lightning"
