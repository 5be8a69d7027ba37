"""A pool that scores each structure once."""

from collections.abc import Iterator

from zen_lightning.proxy.base import Scorable
from zen_lightning.search.pool import Outcome, Pool

_CAPACITY = 50_000
"""Structures kept. A choice: it bounds the memory of a long search; an entry dropped too early costs only a second scoring."""


class _Entry:
    """A structure that was submitted, and its outcome once that is known."""

    __slots__ = ("outcome", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.outcome: Outcome | None = None


class CachingPool(Pool):
    """Caches the outcome of each structure, failures included, so that none is scored twice.

    The seed is the same for every structure, so a structure has one score: a search is the same with this cache, without it, or
    with one that has dropped entries. A structure that is submitted again while it is being scored waits for that score.

    Args:
        pool: the pool that scores; closing it is left to the caller.
        capacity: number of structures kept; the oldest is dropped first.
    """

    def __init__(self, pool: Pool, capacity: int = _CAPACITY) -> None:
        self._pool = pool
        self._capacity = capacity
        self._cache: dict[tuple[Scorable, int], _Entry] = {}
        self._asked: dict[int, _Entry] = {}
        self._next = 0
        self.slots = pool.slots

    @property
    def deaths(self) -> int:
        """Workers of the underlying pool that have died so far."""
        return self._pool.deaths

    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Submit a structure to the underlying pool unless it is cached; see :meth:`Pool.submit`."""
        known = self._cache.get((architecture, which))
        if known is None:
            known = self._cache[architecture, which] = _Entry(self._pool.submit(architecture, which))
            if len(self._cache) > self._capacity:
                del self._cache[next(iter(self._cache))]
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
