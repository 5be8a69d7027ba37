"""Where a function keeps the files of its run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zen_lightning.system.named_path import path_to_write


@contextmanager
def kept_folder(folder: str | Path | None) -> Iterator[Path]:
    """Give the folder that is asked for, which is made if it is missing; where none is, one that is gone afterwards.

    Args:
        folder: as the user gave it, with ``~`` for the home folder; None: none is asked for.

    Example:
        >>> with kept_folder(None) as place:
        ...     place.is_dir()
        True
        >>> place.exists()
        False
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="zen-") as temporary:
            yield Path(temporary)
        return
    place = path_to_write(folder, "folder")
    place.mkdir(parents=True, exist_ok=True)
    yield place
