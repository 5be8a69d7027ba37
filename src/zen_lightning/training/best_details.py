"""What the best validation of a training says of each class."""

from typing import Any

import pytorch_lightning as pl

from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.validating import ValidatingModule
from zen_lightning.training.validation_details import ValidationDetails


class BestDetails(pl.Callback):
    """Keeps the details of the epoch whose network is kept; they travel with checkpoints.

    Attributes:
        found: the details; None before the first validation, and where the best epoch was trained by an earlier release, whose
            checkpoints have none.
    """

    def __init__(self) -> None:
        self.found: ValidationDetails | None = None

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep them if this epoch is the best so far, as :class:`~zen_lightning.training.checkpoints.Checkpoints` decides."""
        if trainer.state.fn != "fit" or "val_top1" not in trainer.callback_metrics:
            return
        assert isinstance(pl_module, ValidatingModule)
        checkpoints = trainer.checkpoint_callback
        assert isinstance(
            checkpoints, Checkpoints
        )  # Lightning calls what saves last: its best is still that of earlier epochs.
        if not checkpoints.best or float(trainer.callback_metrics["val_top1"]) > checkpoints.best["val_top1"]:
            self.found = pl_module.details

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint holds of this."""
        return {"details": None if self.found is None else self.found.state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        details = state_dict["details"]
        self.found = None if details is None else ValidationDetails.of_state(details)
