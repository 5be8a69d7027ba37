"""The progress of a profile: a live bar on a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from zen_lightning.latency.profiler import Step
from zen_lightning.report.terminal.progress import rich_bar
from zen_lightning.system.numbers import short_time

_LINE_EVERY = 15.0


class ProfileProgress:
    """Shows how many measurements are there, and when all will be. Call it with each step, as a context manager."""

    def __init__(self) -> None:
        self._bar = rich_bar() if sys.stdout.isatty() else None
        self._task: Any = None
        self._began = self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("measuring", total=None, status="choosing what to measure")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, step: Step) -> None:
        """Show what is known now."""
        now = time.monotonic()
        if step.done == step.resumed + 1:
            if step.resumed:
                print(f"going on with {step.resumed:,} measurements of an earlier run", flush=True)
            self._began = now
        spent = now - self._began
        status = f"{step.what}  {short_time(spent / step.share_done * (1 - step.share_done))} left" if step.share_done else ""
        if self._bar is not None:
            self._bar.update(self._task, total=step.total, completed=step.done, status=status)
        elif now - self._last_line >= _LINE_EVERY or step.done == step.total:
            self._last_line = now
            print(f"{step.done:>6,} / {step.total:,} measurements  {status}", flush=True)
