"""Shows the progress of a training over all its epochs, validation included."""

from typing import Any

import pytorch_lightning as pl

from zen_lightning.system.live_bar import LiveBar


class ShowProgress(pl.Callback):
    """Shows steps, epoch, loss, pace and time left, on the main process."""

    def __init__(self) -> None:
        self._bar: LiveBar | None = None
        self._epoch, self._loss = 0, 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin."""
        if trainer.is_global_zero:
            total = (trainer.max_epochs or 0) * int(trainer.num_training_batches)
            self._bar = LiveBar("training", "steps", total, self._done(trainer), status=self._status, every=30.0)
            self._bar.__enter__()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Show a step."""
        if self._bar is not None:
            self._epoch, self._loss = trainer.current_epoch + 1, outputs["loss"]
            self._bar.update(trainer.current_epoch * int(trainer.num_training_batches) + batch_idx + 1)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """End."""
        self._end()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """End, also when training failed or was stopped."""
        self._end()

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None

    def _status(self) -> str:
        return f"epoch {self._epoch}  loss {float(self._loss):.3f}"

    def _done(self, trainer: pl.Trainer) -> int:
        datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
        epoch, batches = datamodule.position
        return int(epoch * int(trainer.num_training_batches) + batches)
