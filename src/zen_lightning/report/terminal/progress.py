"""The progress of a search: a live bar on a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from zen_lightning.search.run import Progress
from zen_lightning.system.numbers import pace, score_text, short_time

_LINE_EVERY = 5.0


class SearchProgress:
    """Shows the progress of one or several searches.

    Use it as a context manager, and call it with each :class:`~zen_lightning.search.run.Progress`.

    Args:
        iterations: of each search.
        restarts: how many searches.
    """

    def __init__(self, iterations: int, restarts: int = 1) -> None:
        self._total = iterations * restarts
        self._latest: dict[int, Progress] = {}
        self._began = time.monotonic()
        self._last_line = 0.0
        self._bar = rich_bar() if sys.stdout.isatty() else None
        self._task: Any = None

    def __enter__(self) -> Self:
        self._began = self._last_line = time.monotonic()
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("searching", total=self._total, status="starting")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show what is known now."""
        self._latest[progress.restart] = progress
        done = sum(p.iteration for p in self._latest.values())
        if self._bar is not None:
            self._bar.update(self._task, completed=done, status=self.status())
            return
        now = time.monotonic()
        if now - self._last_line >= _LINE_EVERY or done >= self._total:
            self._last_line = now
            print(f"{done:>9,} / {self._total:,} iterations  {self.status()}", flush=True)

    def status(self) -> str:
        """Return best score, acceptance, rate and time left as text."""
        latest = self._latest.values()
        done = sum(p.iteration for p in latest)
        fresh = done - sum(p.resumed for p in latest)
        scores = [p.best for p in latest if p.best is not None]
        best = f"best {score_text(max(scores))}" if scores else "none fits yet"
        accepted = sum(p.accepted for p in latest) / max(done, 1)
        rate = fresh / max(time.monotonic() - self._began, 1e-6)
        left = short_time((self._total - done) / rate) if rate > 0 else "?"
        return f"{best}  accepted {accepted:.0%}  {pace(rate)}  {left} left"


def rich_bar() -> Any:
    """Return rich's progress bar, with a field ``status``; None where rich is not installed."""
    try:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    except ImportError:
        return None
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[status]}", markup=False),
        refresh_per_second=8,
    )
