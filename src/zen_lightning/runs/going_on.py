"""How a run that was stopped goes on."""

from pathlib import Path

from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.names import SCORES

_CONTINUED = ("journal", "depths.json", SCORES, "checkpoints")
"""What the folder of a run holds that can be continued."""


def going_on(folder: Path) -> str | None:
    """Return how the run in a folder goes on; None where nothing of it is kept yet.

    Example:
        >>> going_on(Path("runs/none")) is None
        True
    """
    if not any((folder / kept).exists() for kept in _CONTINUED):
        return None
    return f"nothing is lost: continue with {resuming(folder)}"
