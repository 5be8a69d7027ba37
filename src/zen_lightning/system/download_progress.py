"""The progress of a download: a live bar on a terminal, plain lines elsewhere; on stderr, as what is no result."""

import sys
import time
from types import TracebackType
from typing import Any, Self

_LINE_EVERY = 5.0


class DownloadProgress:
    """Shows how much of a file is there; use it as a context manager.

    Args:
        name: of the file.
        total: its bytes; None where the server does not say.
        done: bytes that an earlier run brought.
    """

    def __init__(self, name: str, total: int | None, done: int = 0) -> None:
        self._name = name
        self._total = total
        self._done = done
        self._last_line = 0.0
        self._bar = _rich_bar() if sys.stderr.isatty() else None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(self._name, total=self._total, completed=self._done)
        else:
            self._print()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
        else:
            self._print()

    def advance(self, count: int) -> None:
        """Show that ``count`` more bytes are there."""
        self._done += count
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
        elif time.monotonic() - self._last_line >= _LINE_EVERY:
            self._print()

    def _print(self) -> None:
        self._last_line = time.monotonic()
        of = "" if self._total is None else f" of {megabytes(self._total)}"
        share = f" ({self._done / self._total:.0%})" if self._total else ""
        print(f"downloading {self._name}: {megabytes(self._done)}{of}{share}", file=sys.stderr, flush=True)


def megabytes(count: int) -> str:
    """Return a number of bytes as people read it.

    Example:
        >>> megabytes(2_130_706), megabytes(722_400_000), megabytes(512)
        ('2.1 MB', '722 MB', '512 B')
    """
    if count < 100_000:
        return f"{count:,} B"
    return f"{count / 1e6:.1f} MB" if count < 100e6 else f"{count / 1e6:,.0f} MB"


def _rich_bar() -> Any:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    except ImportError:
        return None
    columns = (BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    return Progress(TextColumn("[bold]{task.description}"), *columns, console=Console(stderr=True))
