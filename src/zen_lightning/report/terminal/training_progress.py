"""The progress of a training: a live bar over all epochs on a terminal, plain lines elsewhere."""

import sys
import time
from typing import Any

from zen_lightning.report.terminal.progress import rich_bar
from zen_lightning.system.numbers import pace, short_time

_LINE_EVERY = 30.0
_LOSS_EVERY = 1.0


class TrainingDisplay:
    """Shows steps, epoch, loss, pace, and the time left for all epochs."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._total = self._resumed = self._done = 0
        self._began = self._last_line = self._last_loss = 0.0
        self._loss = ""

    def start(self, total: int, done: int) -> None:
        """Begin.

        Args:
            total: steps in all.
            done: by earlier runs.
        """
        self._total, self._resumed, self._done = total, done, done
        self._began = self._last_line = time.monotonic()
        self._bar = rich_bar() if sys.stdout.isatty() else None
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("training", total=total, completed=done, status="starting")

    def step(self, done: int, epoch: int, loss: Any) -> None:
        """Show a step.

        Args:
            done: steps.
            epoch: it belongs to, from 1.
            loss: a tensor, read about once a second: on a GPU, reading waits for it.
        """
        self._done = done
        now = time.monotonic()
        if self._bar is not None:
            if now - self._last_loss >= _LOSS_EVERY:
                self._last_loss, self._loss = now, f"loss {float(loss):.3f}  "
            self._bar.update(self._task, completed=done, status=f"epoch {epoch}  {self._loss}{self.status()}")
        elif now - self._last_line >= _LINE_EVERY:
            self._last_line = now
            print(f"{done:>9,} / {self._total:,} steps  epoch {epoch}  loss {float(loss):.3f}  {self.status()}", flush=True)

    def status(self) -> str:
        """Return pace and time left, validation and all epochs included, as text."""
        fresh = self._done - self._resumed
        rate = fresh / max(time.monotonic() - self._began, 1e-6)
        left = short_time((self._total - self._done) / rate) if fresh > 0 else "?"
        return f"{pace(rate)}  {left} left"

    def stop(self) -> None:
        """End."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
