"""A pool without workers, which scores in this process."""

from collections.abc import Iterator, Sequence

from zen_lightning.proxy.base import Proxy, Scorable
from zen_lightning.search.pool import Outcome, Pool, measure


class LocalPool(Pool):
    """Scores a network in this process when its result is requested. Exceptions of a proxy are raised unchanged.

    Args:
        proxies: the proxies to choose from.
        seed: their seed.
    """

    def __init__(self, proxies: Sequence[Proxy], seed: int = 0) -> None:
        self._proxies = tuple(proxies)
        self._seed = seed
        self._next = 0
        self._waiting: dict[int, tuple[Scorable, int]] = {}

    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Store a network until its result is requested; see :meth:`Pool.submit`."""
        ticket = self._next
        self._next = ticket + 1
        self._waiting[ticket] = architecture, which
        return ticket

    def result(self, ticket: int) -> Outcome:
        """Score the network of a ticket; see :meth:`Pool.result`."""
        architecture, which = self._waiting.pop(ticket)
        return measure(self._proxies[which], architecture, self._seed)

    def score(self, architecture: Scorable) -> Outcome:
        """Score a network at once; see :meth:`Pool.score`."""
        return measure(self._proxies[0], architecture, self._seed)

    def finished(self) -> Iterator[tuple[int, Outcome]]:
        """Yield (ticket, outcome) in the order of submission; see :meth:`Pool.finished`."""
        while self._waiting:
            ticket = next(iter(self._waiting))
            yield ticket, self.result(ticket)
