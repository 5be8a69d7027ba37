"""Tells how far training is."""

from typing import Any, Protocol

import pytorch_lightning as pl


class Display(Protocol):
    """Shows the progress of a training run; see :mod:`zen_lightning.report.terminal.training_progress`."""

    def start(self, total: int, done: int) -> None:
        """Begin, with steps in all and steps done by earlier runs."""

    def step(self, done: int, epoch: int, loss: Any) -> None:
        """Show that so many steps are done, in which epoch, and the loss of the last, a tensor."""

    def stop(self) -> None:
        """End."""


class ShowProgress(pl.Callback):
    """Hands the progress to a display, on the main process.

    Args:
        display: shows it.
    """

    def __init__(self, display: Display) -> None:
        self._display = display

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin."""
        if trainer.is_global_zero:
            epochs = trainer.max_epochs or 0
            self._display.start(epochs * int(trainer.num_training_batches), self._done(trainer))

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Show a step."""
        if trainer.is_global_zero:
            done = trainer.current_epoch * int(trainer.num_training_batches) + batch_idx + 1
            self._display.step(done, trainer.current_epoch + 1, outputs["loss"])

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """End."""
        self._display.stop()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """End, also when training failed or was stopped."""
        self._display.stop()

    def _done(self, trainer: pl.Trainer) -> int:
        datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
        epoch, batches = datamodule.position
        return int(epoch * int(trainer.num_training_batches) + batches)
