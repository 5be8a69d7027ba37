"""A tracker's own name of a run, kept in the run's folder, so that a later command continues it."""

from pathlib import Path

from zen_lightning.system.files import write_text
from zen_lightning.tracking.run_files import RECORD_ENDING


def read_run_id(folder: Path, tracker: str) -> str | None:
    """Return the name that a tracker has for the run in a folder; None where it has not tracked it.

    Args:
        folder: folder of the run.
        tracker: name of the tracker.
    """
    path = folder / f"{tracker}{RECORD_ENDING}"
    return path.read_text(encoding="utf-8").strip() or None if path.is_file() else None


def write_run_id(folder: Path, tracker: str, run_id: str) -> None:
    """Keep the name that a tracker has for the run in a folder."""
    write_text(folder / f"{tracker}{RECORD_ENDING}", f"{run_id}\n")
