"""Shows what a search tells on the terminal: sentences as lines, progress as a bar."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from zen_lightning.report.terminal.progress import search_progress
from zen_lightning.search.events import DepthChosen, Event, Note, Searched, Searching


class SearchEvents:
    """Is called with each :data:`~zen_lightning.search.events.Event`; use it as a context manager, which ends the bar."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Searching):
            self._bar = self._open.enter_context(search_progress(event.iterations, event.restarts))
        elif isinstance(event, Searched):
            self._open.close()
        elif isinstance(event, Note):
            print(event.text, flush=True)
        elif isinstance(event, DepthChosen):
            from zen_lightning.search.depth_choice import TRAINING, best_depth, chosen_by

            judge = "training" if chosen_by(event.depths) == TRAINING else "the calibrated score"
            print(f"{judge} chose at most {best_depth(event.depths).limit} layers", flush=True)
        else:
            self._bar(event)
