"""Stops a training that others of the same study have left behind."""

from pathlib import Path
from typing import Protocol

import pytorch_lightning as pl

from zen_lightning.system.files import write_json


class Course(Protocol):
    """Knows the trials of a study; see :mod:`zen_lightning.tasks.training.trial_course`."""

    def report(self, epoch: int, value: float) -> None:
        """Note the figure of this trial after so many epochs."""

    def is_left_behind(self) -> bool:
        """Whether this trial is not worth another epoch."""


class Pruned(SystemExit):
    """Training was stopped early, which is no failure: the code to exit with is 0."""

    def __init__(self) -> None:
        super().__init__(0)


class StopEarly(pl.Callback):
    """Reports a figure of each validation, and stops at the begin of an epoch, when the one before is saved.

    The main process decides for all of several. The last epoch is never stopped.

    Args:
        metric: a figure that the classifier logs in validation, such as ``val_top1``.
        course: is told it, and decides.
        note: path of the file that says that the training was stopped, and where.
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
        """Stop, if that is the decision."""
        if trainer.current_epoch == 0:
            return
        behind = trainer.is_global_zero and self._course.is_left_behind()
        if not trainer.strategy.reduce_boolean_decision(behind, all=False):
            return
        if trainer.is_global_zero:
            epochs = trainer.current_epoch
            write_json(self._note, {"epochs": epochs, self._metric: self._last})
            print(f"\npruned after epoch {epochs}: {self._metric} is behind that of earlier trials", flush=True)
        raise Pruned
