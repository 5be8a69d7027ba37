"""Stops a training whose validation no longer improves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pytorch_lightning as pl

from zen_lightning.errors import UserError
from zen_lightning.system.value_types import Count, CountFrom0, From0
from zen_lightning.training.history import History

MONITORS = {
    "accuracy": ("val_top1", "validation top-1", 1, "{:.2f}%"),
    "loss": ("val_loss", "the validation loss", -1, "{:.4f}"),
}
"""By name: the column of ``history.csv``, what it is, whether more (1) or less (-1) is better, and how it is written."""


class Stop(NamedTuple):
    """Why a training was stopped early.

    Attributes:
        epoch: its last, from 1.
        best_epoch: the last that improved; 0 if none did.
        best: the value of that epoch.
        validations: those since.
        rule: what decided.
    """

    epoch: int
    best_epoch: int
    best: float
    validations: int
    rule: "EarlyStopping"

    def said(self, epochs: int) -> str:
        """Return the sentence on it, for a training of so many epochs."""
        _, name, _, form = MONITORS[self.rule.monitor]
        by = f" by more than {self.rule.min_delta:g}" if self.rule.min_delta else ""
        since = f" since epoch {self.best_epoch} ({form.format(self.best)})" if self.best_epoch else ""
        times = f"{self.validations} validation{'s' * (self.validations > 1)}"
        return f"stopped early at epoch {self.epoch} of {epochs}: {name} has not improved{by}{since}, in {times}"


@dataclass(frozen=True)
class EarlyStopping:
    """When a training ends before its last epoch.

    It is decided from the rows of the history alone, which are part of every checkpoint: a training that is continued stops
    after the same epoch, and one that was stopped goes on where it is continued with another rule. (Lightning's
    ``EarlyStopping`` restores the patience that it was saved with, and trains a stopped run for another epoch.)

    Attributes:
        patience: validations without improvement after which it ends.
        monitor: what is to improve: ``accuracy`` (``val_top1``) or ``loss`` (``val_loss``).
        min_delta: a change of at most this much is no improvement: percentage points, or loss.
        after: epochs that are trained in any case.

    Example:
        >>> rows = [{"epoch": epoch, "val_top1": top1} for epoch, top1 in enumerate([50, 60, 60.5, 59, 60], start=1)]
        >>> EarlyStopping(patience=2).verdict(rows).said(epochs=9)
        'stopped early at epoch 5 of 9: validation top-1 has not improved since epoch 3 (60.50%), in 2 validations'
        >>> EarlyStopping(patience=3).verdict(rows) is None
        True
        >>> EarlyStopping(patience=3, min_delta=1.0).verdict(rows).best_epoch
        2
    """

    patience: Count
    monitor: str = "accuracy"
    min_delta: From0 = 0.0
    after: CountFrom0 = 0

    def __post_init__(self) -> None:
        for name, least in (("patience", 1), ("after", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise UserError(key=name, value=value, expected=f"a whole number, {least} or more")
        if self.monitor not in MONITORS:
            raise UserError(key="monitor", value=self.monitor, choices=tuple(MONITORS))
        delta = self.min_delta
        if not isinstance(delta, int | float) or isinstance(delta, bool) or not 0 <= delta < math.inf:
            raise UserError(key="min_delta", value=delta, expected="0 or more")

    def verdict(self, rows: Sequence[Mapping[str, float]]) -> Stop | None:
        """Return why to stop after the last of the epochs so far; None to go on.

        Args:
            rows: the rows of ``history.csv``; those without a validation count neither way.
        """
        column, _, sign, _ = MONITORS[self.monitor]
        best, best_epoch, since = -math.inf, 0, 0
        for row in rows:
            if column not in row:
                continue
            if sign * row[column] - self.min_delta > best:  # Not so for a loss that is nan.
                best, best_epoch, since = sign * row[column], int(row["epoch"]), 0
            else:
                since += 1
        if since < self.patience or rows[-1]["epoch"] < self.after:
            return None
        return Stop(int(rows[-1]["epoch"]), best_epoch, sign * best, since, self)


class EarlyStopper(pl.Callback):
    """Ends the training when its rule says so; also at once, where the training that is continued has been stopped by it.

    Args:
        rule: the rule; None: never.
        history: has the rows; it comes before this in the list of callbacks.

    Attributes:
        stop: why it was ended; None while it was not.
    """

    def __init__(self, rule: EarlyStopping | None, history: History) -> None:
        self.stop: Stop | None = None
        self._rule = rule
        self._history = history

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Look at the rows of a checkpoint."""
        self._look(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Look at the row of this epoch; all processes have the same."""
        self._look(trainer)

    def _look(self, trainer: pl.Trainer) -> None:
        rows = self._history.rows
        if self._rule is None or not rows or rows[-1]["epoch"] == trainer.max_epochs:
            return
        self.stop = self._rule.verdict(rows)
        if self.stop is not None:
            trainer.should_stop = True
