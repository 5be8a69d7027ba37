"""The progress of scoring a known number of networks: a live bar on a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from zen_lightning.report.terminal.progress import rich_bar
from zen_lightning.system.numbers import pace, short_time

_LINE_EVERY = 5.0


class ScoringProgress:
    """Shows how many scores are there, and when all will be.

    Use it as a context manager, and call it after each score.

    Args:
        total: scores, those of earlier runs among them.
        done: by earlier runs.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self._total = total
        self._resumed = self._done = done
        self._began = self._last_line = 0.0
        self._bar = rich_bar() if sys.stdout.isatty() else None
        self._task: Any = None

    def __enter__(self) -> Self:
        self._last_line = time.monotonic()
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("scoring", total=self._total, completed=self._done, status="starting")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self) -> None:
        """Show that there is one more."""
        self._done += 1
        if self._done == self._resumed + 1:
            self._began = time.monotonic()  # Until the first score, workers were starting.
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, status=self.status())
            return
        now = time.monotonic()
        if now - self._last_line >= _LINE_EVERY or self._done >= self._total:
            self._last_line = now
            print(f"{self._done:>9,} / {self._total:,} scores  {self.status()}", flush=True)

    def status(self) -> str:
        """Return rate and time left as text."""
        rate = (self._done - self._resumed - 1) / max(time.monotonic() - self._began, 1e-6)
        if rate <= 0:
            return "? left"
        left = short_time((self._total - self._done) / rate)
        return f"{pace(rate)}  {left} left"
