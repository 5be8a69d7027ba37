"""A training whose checkpoint is gone: beginning anew in its folder would replace what it has trained."""

from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.run_folder import read_rows
from zen_lightning.training.checkpoints import LAST

_UNSAVED = 3
"""Epochs that may be in the history of a training that was killed before its first checkpoint was on the disk: the one that has
ended, one whose checkpoint is being written, and one whose checkpoint waits for that."""


def check_not_lost(folder: Path, key: str) -> None:
    """Raise a UserError where a training has left epochs in a folder, and not the checkpoint that would continue it.

    Checkpoints are large: they are deleted, or left out of a copy, and the weights beside them may be all that there is.

    Args:
        folder: of a training that is about to begin, or to go on.
        key: that names the folder, for the error.
    """
    if (folder / LAST).exists():
        return
    epochs = sum("train_loss" in row for row in read_rows(folder / "history.csv"))
    if epochs > _UNSAVED or (epochs and (folder / RESULT).exists()):
        raise UserError(
            f"{folder} holds a training of {epochs:,} epoch{'s' * (epochs != 1)} without {LAST}, which would continue it: "
            "beginning anew would replace its weights",
            key=key,
            remedy="copy that file there, choose another folder, or delete history.csv and result.json to begin anew",
        )
