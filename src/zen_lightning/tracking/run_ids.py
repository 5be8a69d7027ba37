"""A tracker's own name of a run, kept in the run's folder, so that a later command continues it."""

from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.system.files import write_text
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.tracking.run_files import RECORD_ENDING

_LARGEST = 2**20
"""Bytes of the largest file. A choice: a name has some dozens."""


def read_run_id(folder: Path, tracker: str) -> str | None:
    """Return the name that a tracker has for the run in a folder; None where it has not tracked it.

    Args:
        folder: folder of the run.
        tracker: name of the tracker.

    Raises:
        UserError: something else than such a file is in its place.
    """
    path = folder / f"{tracker}{RECORD_ENDING}"
    if not holds_file(path, _LARGEST):
        return None
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except UnicodeDecodeError:
        what = f"{path} is damaged: it is no UTF-8 text"
        raise UserError(what, remedy="delete it, and the tracker has this run as a new one") from None


def write_run_id(folder: Path, tracker: str, run_id: str) -> None:
    """Keep the name that a tracker has for the run in a folder."""
    write_text(folder / f"{tracker}{RECORD_ENDING}", f"{run_id}\n")
