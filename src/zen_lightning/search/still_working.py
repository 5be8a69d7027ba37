"""Says that an exact search goes on, where its next step takes long."""

import threading
import time
from types import TracebackType
from typing import Self

from zen_lightning.search.events import Say
from zen_lightning.system.numbers import short_time

_FIRST = 20.0
"""Seconds without a step after which it is said for the first time that the search goes on. A choice: most steps take less."""

_GROWS = 2.0
"""Factor from one such line to the next, so that an hour has few of them. A choice."""


class StillWorking:
    """A context in which a line appears where no step was told for a while.

    Args:
        say: is told the steps, and these lines, which come from a second thread.
        first: seconds without a step after which the first line appears; each further one after twice the time.
        ends_by_time: whether a limit on time ends the search with a result.
    """

    def __init__(self, say: Say, first: float = _FIRST, ends_by_time: bool = False) -> None:
        self._say, self._first = say, first
        self._limit = "the limit on its minutes ends" if ends_by_time else "a limit on its minutes would end"
        self._lock = threading.Lock()
        self._began = self._last = time.monotonic()
        self._wait = first
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def step(self, text: str) -> None:
        """Tell a step.

        Args:
            text: the line for it.
        """
        with self._lock:
            self._last, self._wait = time.monotonic(), self._first
            self._say(text)

    def _watch(self) -> None:
        while not self._ended.wait(self._due()):
            with self._lock:
                now = time.monotonic()
                if now - self._last < self._wait or self._ended.is_set():
                    continue
                self._wait *= _GROWS
                since, all_of_it = short_time(now - self._last), short_time(now - self._began)
                said = f"  still searching: {since} without a new line, {all_of_it} in all"
                self._say(f"{said} (Ctrl-C ends it without a result; {self._limit} it with one)")

    def _due(self) -> float:
        with self._lock:
            return max(0.01, self._last + self._wait - time.monotonic())
