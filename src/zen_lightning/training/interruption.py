"""SIGTERM and Ctrl-C: a training that is stopped is saved, and can be resumed."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytorch_lightning as pl

from zen_lightning.system.requeue import REQUEUE_CODE, watch
from zen_lightning.system.signal_watch import tell
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.lightning_internals import ignore_signals

_INTERRUPT_CODE = 130
"""128 + SIGINT, as shells have it."""

_SECOND_TIME = 1.0
"""Seconds after which another Ctrl-C counts as a second one. A choice: a terminal and a launcher send one key press within
milliseconds of each other; a person who presses it again takes longer."""
_STOP = "stop"


class Interrupted(BaseException):
    """Training was stopped from outside, and saved if there was anything to save.

    Attributes:
        code: to exit with: 75 where a scheduler stopped it, 130 after Ctrl-C.
        saved: what this run's last checkpoint holds, as text.
    """

    def __init__(self, signum: int, saved: str) -> None:
        super().__init__(f"stopped by {signal.Signals(signum).name}")
        self.code = _INTERRUPT_CODE if signum == signal.SIGINT else REQUEUE_CODE
        self.saved = saved


class Interruption(pl.Callback):
    """Ends training soon after any of its processes has received SIGTERM or SIGINT; a second SIGINT ends it at once.

    Until the first batch is done, which may take minutes where a network is compiled, there is nothing to save: the process
    ends at once. From then on it ends where a checkpoint can be saved, which is after every step but the last of an epoch. In
    validation nothing is saved, and the previous checkpoint is kept: it was saved not long ago (:class:`Checkpoints`). A single
    process looks after every batch; several agree on where to end (:class:`Agreement`), within about a second or a step.

    Args:
        checkpoints: saves the training.
        agreement: tells which process received a signal; it comes before this in the list of callbacks.

    Attributes:
        signum: the signal that came to this process; 0 for none.
        has_stepped: whether a batch is done.
    """

    def __init__(self, checkpoints: Checkpoints, agreement: Agreement) -> None:
        self.signum = 0
        self._checkpoints = checkpoints
        self._agreement = agreement
        self._at = 0.0
        self.has_stepped = False
        agreement.ask(_STOP, lambda: bool(self.signum))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals within the context; Python allows that in the main thread alone.

        SIGINT that is ignored stays so: Ctrl-C is not meant for what a script has started in the background.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heard = [signal.SIGTERM]
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            heard.append(signal.SIGINT)
        before = {signum: signal.signal(signum, self._note) for signum in heard}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Keep Lightning from taking SIGTERM: its handler saves nothing, and waits for processes that may not have got it."""
        ignore_signals(trainer)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save and stop if any process received a signal: all stop after the same step."""
        if not self.has_stepped:
            self.has_stepped = True
            watch.stop()
        if not self._agreement.agreed(_STOP):
            return
        if self._checkpoints.can_save(trainer, batch_idx):
            self._checkpoints.save_last(trainer, pl_module, batch_idx + 1)
        elif not trainer.is_last_batch:
            return
        self._stop()

    def on_validation_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        """Stop if any process received a signal."""
        if self._agreement.agreed(_STOP):
            self._stop()

    def _note(self, signum: int, frame: FrameType | None) -> None:
        if not self.has_stepped:
            self._leave(signum)
        now = time.monotonic()
        # A terminal sends Ctrl-C to all processes, and a launcher may send it again: both count as one.
        if signum == signal.SIGINT and self.signum and now - self._at > _SECOND_TIME:
            raise KeyboardInterrupt
        if not self.signum:
            self.signum, self._at = signum, now
            if signum == signal.SIGINT:
                tell("\nstopping after this step and saving; press Ctrl-C again to quit immediately")

    def _leave(self, signum: int) -> None:
        if self.signum:
            return  # It is ending already: the same Ctrl-C, sent twice.
        self.signum, self._at = signum, time.monotonic()
        if signum == signal.SIGINT:
            raise KeyboardInterrupt
        watch.insist()
        self._stop()

    def _stop(self) -> None:
        raise Interrupted(self.signum or signal.SIGTERM, self._checkpoints.saved)
