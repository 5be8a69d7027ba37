"""What a search tells while it works, as values: whoever called it shows them, or does not."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from zen_lightning.search.run import Progress, SearchOutcome

if TYPE_CHECKING:
    from zen_lightning.search.depth_choice import Depth


class Note(NamedTuple):
    """A sentence.

    Attributes:
        text: of it.
    """

    text: str


class Searching(NamedTuple):
    """Searches begin: their :class:`~zen_lightning.search.run.Progress` follows.

    Attributes:
        iterations: of each.
        restarts: how many searches.
    """

    iterations: int
    restarts: int


class Searched(NamedTuple):
    """The searches have ended.

    Attributes:
        outcomes: what each found.
    """

    outcomes: Sequence[SearchOutcome]


class DepthChosen(NamedTuple):
    """A limit on layers was chosen.

    Attributes:
        depths: what each limit gave.
        proxy: name of the search's score.
    """

    depths: "Sequence[Depth]"
    proxy: str


Event: TypeAlias = Note | Searching | Progress | Searched | DepthChosen
Notify: TypeAlias = Callable[[Event], None]
Say: TypeAlias = Callable[[str], None]


def silent(event: Event) -> None:
    """Do nothing with an event."""


def saying(notify: Notify) -> Say:
    """Return what turns sentences into events.

    Example:
        >>> events = []
        >>> saying(events.append)("half of it is done")
        >>> events
        [Note(text='half of it is done')]
    """
    return lambda text: notify(Note(text))
