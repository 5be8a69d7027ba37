"""SIGTERM and Ctrl-C: what a scheduler or a person stops is saved, and goes on later."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytorch_lightning as pl

from zen_lightning.training.checkpoints import Checkpoints

REQUEUE_CODE = 75
"""EX_TEMPFAIL of sysexits.h: the program ended, and is to be started again. For a scheduler to act on."""

_INTERRUPT_CODE = 130
_SECOND_TIME = 1.0


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

    It ends where a checkpoint can be saved, which is behind every step but the last of an epoch. In validation a single process
    ends at once, and the checkpoint before stands: it was saved not long ago (:class:`Checkpoints`). Several processes end at
    the next step, since they must agree on where.

    Args:
        checkpoints: saves.
    """

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints
        self._signum = 0
        self._at = 0.0
        self._listening = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals, for as long as the context lasts."""
        self._listening = True
        before = {signum: signal.signal(signum, self._note) for signum in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            self._listening = False
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Take the signals from Lightning, whose own handler neither saves nor agrees on a step with the other processes."""
        if self._listening:
            for signum in (signal.SIGTERM, signal.SIGINT):
                signal.signal(signum, self._note)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save and stop where a signal came to any process: all stop behind the same step."""
        if not trainer.strategy.reduce_boolean_decision(bool(self._signum), all=False):
            return
        if self._checkpoints.can_save(trainer, batch_idx):
            self._checkpoints.save_last(trainer, pl_module, batch_idx + 1)
        elif not trainer.is_last_batch:
            return
        self._stop()

    def on_validation_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        """Stop where a signal came."""
        if self._signum and trainer.world_size == 1:
            self._stop()

    def _note(self, signum: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        # A terminal sends Ctrl-C to all processes, and a launcher may send it again: that is one.
        if signum == signal.SIGINT and self._signum and now - self._at > _SECOND_TIME:
            raise KeyboardInterrupt
        if not self._signum:
            self._signum, self._at = signum, now
            if signum == signal.SIGINT:
                print("\nstopping behind this step, and saving; Ctrl-C again stops at once", file=sys.stderr, flush=True)

    def _stop(self) -> None:
        raise Interrupted(self._signum or signal.SIGTERM, self._checkpoints.saved)
