"""The progress of work: a live bar on a terminal where rich is installed, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TextIO, TypeVar

from zen_lightning.system.numbers import pace, short_time

T = TypeVar("T")

_STATUS_EVERY, _DRAW_EVERY = 1.0, 0.1
"""Seconds between two calls of a status, and between two positions of a live bar. A choice: reading a loss waits for the GPU,
and nobody reads faster."""


_ITEMS_EVERY = 10.0
"""Seconds between two plain lines about items, which say nothing before that. A choice: what takes less needs no word."""


_BAR_FROM = 110
"""Columns of a terminal that has room for a bar. A choice: its 24 beside the longest line of a search, of 84."""


_BELOW = "\n" + 10 * " "
"""What begins a second plain line: it is indented as far as the first is by its count."""


class LiveBar:
    """Shows how much is done, a status, the pace and the time left; use it as a context manager.

    Args:
        what: is done, such as ``searching``.
        unit: what is counted, such as ``iterations``.
        total: how many there will be; None while nobody knows.
        done: by earlier runs.
        status: gives the text of each line; on a terminal it is asked once a second.
        every: seconds between two plain lines.
        last: whether the end has a plain line too where none was due before.
        number: a count as text.
        left: gives the pace and the time left; by default they follow from the counts.
        below: gives a second line, asked for as often as ``status``; none where it is empty.
        stream: to write to; ``sys.stdout`` by default.
    """

    def __init__(
        self,
        what: str,
        unit: str,
        total: int | None,
        done: int = 0,
        *,
        status: Callable[[], str] = str,
        every: float = 5.0,
        last: bool = True,
        number: Callable[[float], str] | None = None,
        left: Callable[[], str] | None = None,
        below: Callable[[], str] = str,
        stream: TextIO | None = None,
    ) -> None:
        self.done, self.total, self._earlier = done, total, done
        self._what, self._unit, self._status, self._left, self._below = what, unit, status, left or self.left, below
        self._number = number or "{:,}".format
        self._pace = pace if number is None else lambda rate: f"{number(rate)}/s"
        self._stream = stream or sys.stdout
        self._bar = _rich_bar(self._stream)
        self._every = every if self._bar is None else _STATUS_EVERY
        self._last = last or self._bar is not None
        self._began = self._told = time.monotonic()
        self._drawn = 0.0
        self._text = ""

    def __enter__(self) -> Self:
        self._began = self._told = time.monotonic()
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=self.total, completed=self.done, count="", status="starting")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, *, earlier: int | None = None, total: int | None = None) -> None:
        """Show that so many are done.

        Args:
            done: those of earlier runs included.
            earlier: how many of them are of earlier runs; None leaves this as it is.
            total: likewise.
        """
        self.done, now = done, time.monotonic()
        self._earlier = self._earlier if earlier is None else earlier
        self.total = self.total if total is None else total
        ended = self.total is not None and done >= self.total
        if (
            (ended and (self._last or self._text))
            or now - self._told >= self._every
            or (self._bar is not None and not self._text)
        ):
            first = "  ".join(filter(None, (self._status(), self._left())))
            self._told, self._text = now, "\n".join(filter(None, (first, self._below())))
            if self._bar is None:
                print(f"{self._count(9)} {self._unit}  {self._text}".replace("\n", _BELOW), file=self._stream, flush=True)
        if self._bar is not None and (ended or now - self._drawn >= _DRAW_EVERY):
            self._drawn = now
            self._bar.update(self._task, total=self.total, completed=done, count=self._count(), status=self._text)

    def restart_clock(self, done: int) -> None:
        """Leave out of the pace what is done by now, and the time until now, when workers were starting."""
        self._began, self._earlier = time.monotonic(), done

    @property
    def seconds(self) -> float:
        """Since work began."""
        return time.monotonic() - self._began

    def left(self) -> str:
        """Return the pace of this run and the time left, as text."""
        rate = (self.done - self._earlier) / max(self.seconds, 1e-6)
        if rate <= 0:
            return "? left"
        left = "" if self.total is None else f"  {short_time((self.total - self.done) / rate)} left"
        return f"{self._pace(rate)}{left}"

    def _count(self, width: int = 0) -> str:
        of = "" if self.total is None else f" of {self._number(self.total)}"
        return f"{self._number(self.done):>{width}}{of}"


def with_bar(items: Iterable[T], total: int, what: str, unit: str) -> Iterator[T]:
    """Yield the items, and show on stderr, because it is not part of the result, how many are done where that takes long."""
    with LiveBar(what, unit, total, every=_ITEMS_EVERY, last=False, stream=sys.stderr) as bar:
        for done, item in enumerate(items, start=1):
            yield item
            bar.update(done)


def _rich_bar(stream: TextIO) -> Any:
    """Return rich's progress bar; None where there is no terminal, or no rich."""
    if not stream.isatty():
        return None
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
    except ImportError:
        return None
    texts = (TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in ("count", "status"))
    console = Console(file=stream)
    bar = [BarColumn(bar_width=24)] if console.width >= _BAR_FROM else []  # The numbers say more.
    columns = (TextColumn("[bold]{task.description}", markup=True), *bar, *texts)
    return Progress(*columns, console=console, refresh_per_second=8)
