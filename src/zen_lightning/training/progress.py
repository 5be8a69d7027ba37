"""Shows the progress of a training over all its epochs, validation included."""

from typing import Any

import pytorch_lightning as pl

from zen_lightning.system.live_bar import LiveBar
from zen_lightning.system.numbers import megabytes
from zen_lightning.training.pace import RATE, WAIT, Counts, Pace, peak_memory


class ShowProgress(pl.Callback):
    """Shows steps, epoch, loss, pace and time left, and below them what a :class:`Pace` measures, on the main process."""

    def __init__(self) -> None:
        self._bar: LiveBar | None = None
        self._epoch, self._loss = 0, 0.0
        self._pace: Pace | None = None
        self._told = Counts()
        self._device: Any = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin."""
        if trainer.is_global_zero:
            total = (trainer.max_epochs or 0) * int(trainer.num_training_batches)
            self._pace = next((one for one in trainer.callbacks if isinstance(one, Pace)), None)  # type: ignore[attr-defined]
            self._device = trainer.strategy.root_device
            self._told = Counts() if self._pace is None else self._pace.counts()
            self._bar = LiveBar(
                "training", "steps", total, self._done(trainer), status=self._status, below=self._speed, every=30.0
            )
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

    def _speed(self) -> str:
        """Return images per second and waiting since the last time, and the memory."""
        if self._pace is None:
            return ""
        now = self._pace.counts()
        rates, self._told = now.since(self._told).rates(self._pace.processes), now
        memory = peak_memory(self._device)
        parts = [f"{rates[RATE]:,.0f} images/s", f"waits for data {rates[WAIT]:.0f}%"] if rates else []
        return "  ".join([*parts, *([] if memory is None else [f"memory {megabytes(1e6 * memory)}"])])

    def _done(self, trainer: pl.Trainer) -> int:
        datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
        epoch, batches = datamodule.position
        return int(epoch * int(trainer.num_training_batches) + batches)
