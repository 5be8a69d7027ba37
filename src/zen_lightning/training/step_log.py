"""Sends the metrics of a step to the loggers, without waiting for the device."""

from collections.abc import Mapping

import pytorch_lightning as pl
import torch
from torch import Tensor


class StepLog:
    """Logs the values of every ``trainer.log_every_n_steps``-th step.

    Values on a GPU are copied in the background, and logged, with the number of their own step, once the copy has arrived.
    """

    def __init__(self) -> None:
        self._waiting: tuple[dict[str, float | Tensor], int, torch.cuda.Event] | None = None
        self._last = -1

    def step(self, trainer: pl.Trainer, values: Mapping[str, float | Tensor]) -> None:
        """Note the values of a step, if it is one to log.

        Args:
            trainer: whose loggers get them.
            values: numbers, and scalar tensors on any device.
        """
        if self._waiting is not None and self._waiting[2].query():  # type: ignore[no-untyped-call]
            self.flush(trainer)
        done, every = trainer.global_step, int(trainer.log_every_n_steps)  # type: ignore[attr-defined]
        if not trainer.loggers or done == self._last or done == 0 or not every or done % every:
            return
        self._last = done
        noted: dict[str, float | Tensor] = {"epoch": trainer.current_epoch}
        noted |= {name: value.detach() if isinstance(value, Tensor) else value for name, value in values.items()}
        if not any(isinstance(value, Tensor) and value.is_cuda for value in noted.values()):
            _send(trainer, noted, done - 1)
            return
        self.flush(trainer)
        noted = {
            name: value.to("cpu", non_blocking=True) if isinstance(value, Tensor) else value for name, value in noted.items()
        }
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record()
        self._waiting = (noted, done - 1, event)

    def flush(self, trainer: pl.Trainer) -> None:
        """Log what is still on its way."""
        if self._waiting is not None:
            values, step, event = self._waiting
            self._waiting = None
            event.synchronize()
            _send(trainer, values, step)


def _send(trainer: pl.Trainer, values: Mapping[str, float | Tensor], step: int) -> None:
    numbers = {name: float(value) for name, value in values.items()}
    for logger in trainer.loggers:
        logger.log_metrics(numbers, step)
