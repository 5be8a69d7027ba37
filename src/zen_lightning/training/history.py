"""The history of a training: a row for each epoch, kept in the checkpoint, so that none is lost by a kill."""

import time
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl

from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.pace import MEMORY, RATE, WAIT, Pace

COLUMNS = ("epoch", "step", "lr", "train_loss", "val_loss", "val_top1", "val_top5", "seconds", RATE, WAIT, MEMORY)
"""Of ``history.csv``; that of an earlier release has the first eight."""


class History(pl.Callback):
    """Collects the rows.

    Args:
        show: called with each new row and all rows, on the main process.
        pace: measures how fast an epoch was; it comes before this in the list of callbacks. None: rows do not say.

    Attributes:
        rows: of all epochs so far, those before a resume among them; ``seconds`` are of training and validation.
    """

    def __init__(
        self, show: Callable[[dict[str, float], list[dict[str, float]]], None] | None = None, pace: Pace | None = None
    ) -> None:
        self.rows: list[dict[str, float]] = []
        self._show = show
        self._pace = pace
        self._began = 0.0
        self._spent = 0.0
        self._validated = -1

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._began = time.monotonic()
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Make sure that the last epoch is validated, however rarely others are."""
        if trainer.current_epoch + 1 == trainer.max_epochs:
            trainer.check_val_every_n_epoch = 1

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note that there are metrics of this epoch; Lightning keeps those of earlier ones."""
        self._validated = trainer.current_epoch

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Add a row."""
        assert isinstance(pl_module, ClassifierModule)
        now = time.monotonic()
        metrics = trainer.callback_metrics if self._validated == trainer.current_epoch else {}
        row = {
            "epoch": trainer.current_epoch + 1,
            "step": trainer.global_step,
            "lr": trainer.optimizers[0].param_groups[0]["lr"],
            "train_loss": pl_module.epoch_loss(),
            **{name: float(metrics[name]) for name in COLUMNS if name in metrics and name.startswith("val_")},
            "seconds": self._spent + now - self._began,
        }
        speed = {} if self._pace is None else self._pace.row(trainer)
        row |= speed
        self._began, self._spent = now, 0.0
        self.rows.append(row)
        if self._show is not None and trainer.is_global_zero:
            self._show(row, self.rows)
        for logger in trainer.loggers:
            told = {"train_loss": row["train_loss"], **speed}
            logger.log_metrics({f"epoch_{name}": value for name, value in told.items()}, trainer.global_step)

    def state_dict(self) -> dict[str, Any]:
        """Return the rows, and the seconds of the current epoch so far."""
        return {"rows": [dict(row) for row in self.rows], "spent": self._spent + time.monotonic() - self._began}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue after the rows of a checkpoint."""
        self.rows = [dict(row) for row in state_dict["rows"]]
        self._spent = state_dict["spent"]
