"""Stops a training that is worse than others of the same study."""

from pathlib import Path
from typing import Protocol

import pytorch_lightning as pl

from zen_lightning.system.json_files import write_json


class Course(Protocol):
    """Knows the trials of a study; see :mod:`zen_lightning.tasks.training.trial_course`."""

    def report(self, epoch: int, value: float) -> None:
        """Record the metric of this trial after so many epochs."""

    def is_hopeless(self) -> bool:
        """Whether this trial is not worth another epoch."""


class Pruned(SystemExit):
    """Training was stopped early, which is no failure: the code to exit with is 0."""

    def __init__(self) -> None:
        super().__init__(0)


class StopEarly(pl.Callback):
    """Reports a metric of each validation, and stops at the start of an epoch, when the last one has been saved.

    Of several processes, the main one decides. The last epoch is never stopped.

    Args:
        metric: a metric that is logged in validation, such as ``val_top1``.
        course: records the metric, and decides.
        note: path of the file that records that the training was stopped, and after how many epochs.
    """

    def __init__(self, metric: str, course: Course, note: Path) -> None:
        self._metric = metric
        self._course = course
        self._note = note
        self._last: float | None = None

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report."""
        if trainer.state.fn == "fit" and trainer.is_global_zero:
            self._last = float(trainer.callback_metrics[self._metric])
            self._course.report(trainer.current_epoch + 1, self._last)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop, if that was decided."""
        if trainer.current_epoch == 0:
            return
        hopeless = trainer.is_global_zero and self._course.is_hopeless()
        if not trainer.strategy.reduce_boolean_decision(hopeless, all=False):
            return
        if trainer.is_global_zero:
            epochs = trainer.current_epoch
            write_json(self._note, {"epochs": epochs, self._metric: self._last})
            print(f"\npruned after epoch {epochs}: {self._metric} is worse than that of earlier trials", flush=True)
        raise Pruned
