"""What the best validation of a training says of each class."""

from typing import Any

import pytorch_lightning as pl

from zen_lightning.training.validating import ValidatingModule
from zen_lightning.training.validation_details import ValidationDetails


class BestDetails(pl.Callback):
    """Keeps the details of the epoch whose network is kept; they travel with checkpoints.

    Attributes:
        found: the details; None before the first validation.
    """

    def __init__(self) -> None:
        self.found: ValidationDetails | None = None
        self._top1 = float("-inf")

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep them if this epoch is the best so far, as :class:`~zen_lightning.training.checkpoints.Checkpoints` decides."""
        if trainer.state.fn != "fit" or "val_top1" not in trainer.callback_metrics:
            return
        assert isinstance(pl_module, ValidatingModule)
        top1 = float(trainer.callback_metrics["val_top1"])
        if self.found is None or top1 > self._top1:
            self.found, self._top1 = pl_module.details, top1

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint holds of this."""
        return {"top1": self._top1, "details": None if self.found is None else self.found.state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        details = state_dict["details"]
        self._top1 = state_dict["top1"]
        self.found = None if details is None else ValidationDetails.of_state(details)
