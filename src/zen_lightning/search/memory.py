"""A pool that asks for the score of a structure once."""

from collections.abc import Iterator

from zen_lightning.proxy.base import Scorable
from zen_lightning.search.pool import Outcome, Pool

_REMEMBERED = 50_000


class _Known:
    """A structure that was handed over, and what came of it."""

    __slots__ = ("outcome", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.outcome: Outcome | None = None


class Memory(Pool):
    """Remembers what came of a structure, also that it has no score, so that it is not scored again.

    A structure has one score, as the seed is the same for all: with this memory, or without, or with one that forgot, a search
    is the same. A structure that comes again while it is being scored waits for that score.

    Args:
        pool: that scores; the memory does not close it.
        capacity: structures remembered; the oldest is forgotten first.
    """

    def __init__(self, pool: Pool, capacity: int = _REMEMBERED) -> None:
        self._pool = pool
        self._capacity = capacity
        self._known: dict[tuple[Scorable, int], _Known] = {}
        self._asked: dict[int, _Known] = {}
        self._next = 0
        self.slots = pool.slots

    @property
    def deaths(self) -> int:
        """Workers of the pool behind that died so far."""
        return self._pool.deaths

    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Hand a structure over, unless it was before; see :meth:`Pool.submit`."""
        known = self._known.get((architecture, which))
        if known is None:
            known = self._known[architecture, which] = _Known(self._pool.submit(architecture, which))
            if len(self._known) > self._capacity:
                del self._known[next(iter(self._known))]
        ticket = self._next
        self._next = ticket + 1
        self._asked[ticket] = known
        return ticket

    def result(self, ticket: int) -> Outcome:
        """Wait for the outcome of a ticket; see :meth:`Pool.result`."""
        known = self._asked.pop(ticket)
        if known.outcome is None:
            known.outcome = self._pool.result(known.ticket)
        return known.outcome

    def finished(self) -> Iterator[tuple[int, Outcome]]:
        """Yield (ticket, outcome) in the order of submission; see :meth:`Pool.finished`."""
        while self._asked:
            ticket = next(iter(self._asked))
            yield ticket, self.result(ticket)
