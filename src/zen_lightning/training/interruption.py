"""SIGTERM and Ctrl-C: what a scheduler or a person stops is saved, and goes on later."""

import signal
from types import FrameType
from typing import Any

import pytorch_lightning as pl

from zen_lightning.training.checkpoints import Checkpoints

REQUEUE_CODE = 75
"""EX_TEMPFAIL of sysexits.h: the program ended, and is to be started again. For a scheduler to act on."""

_INTERRUPT_CODE = 130


class Interrupted(BaseException):
    """Training was stopped from outside, and saved.

    Attributes:
        code: to exit with: 75 where a scheduler stopped it, 130 after Ctrl-C.
        saved: what the last checkpoint holds, as text.
    """

    def __init__(self, signum: int, saved: str) -> None:
        super().__init__(f"stopped by {signal.Signals(signum).name}")
        self.code = _INTERRUPT_CODE if signum == signal.SIGINT else REQUEUE_CODE
        self.saved = saved


class Interruption(pl.Callback):
    """Ends training at the next step once SIGTERM or SIGINT has come to any of its processes; a second SIGINT ends it at once.

    Between two steps a checkpoint is saved. Behind the last step of an epoch, and in validation, the one before stands: it was
    saved not long ago (:class:`Checkpoints`).

    Args:
        checkpoints: saves.
    """

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints
        self._signum = 0
        self._before: dict[int, Any] = {}

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen, instead of Lightning, whose own handler neither saves nor agrees on a step with the other processes."""

        def note(signum: int, frame: FrameType | None) -> None:
            if signum == signal.SIGINT and self._signum:
                raise KeyboardInterrupt
            if not self._signum and trainer.strategy.launcher is not None:
                trainer.strategy.launcher.kill(signum)
            self._signum = signum

        for signum in (signal.SIGTERM, signal.SIGINT):
            self._before[signum] = signal.signal(signum, note)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save and stop where a signal came to any process: all stop behind the same step."""
        if trainer.strategy.reduce_boolean_decision(bool(self._signum), all=False):
            if not trainer.is_last_batch:
                self._checkpoints.save_last(trainer, pl_module, batch_idx + 1)
            self._stop()

    def on_validation_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        """Stop where a signal came."""
        if self._signum:
            self._stop()

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Listen no more."""
        for signum, handler in self._before.items():
            signal.signal(signum, handler)
        self._before = {}

    def _stop(self) -> None:
        raise Interrupted(self._signum or signal.SIGTERM, self._checkpoints.saved)
