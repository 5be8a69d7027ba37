"""One search from start to end, with its journal."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.proxy.base import Proxy
from zen_lightning.search.caching_pool import CachingPool
from zen_lightning.search.evolution import Evolution
from zen_lightning.search.journal import SearchJournal
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.pool import Pool
from zen_lightning.search.ranked_population import RankedPopulation
from zen_lightning.search.trace import CloudPoint, HistoryRow
from zen_lightning.space import SearchSpace

_TICK = 0.1


@dataclass(frozen=True)
class SearchSetup:
    """What to search; everything in it can be sent to another process.

    Attributes:
        space: what a block may turn into.
        proxy: what to maximise.
        budget: what a candidate may cost.
        start: the first parent.
        seed: of the search; each restart has a generator of its own, made from the seed and its number.
        iterations: candidates to draw.
        population_size: members kept.
        max_tries: candidates after which an empty population is an error.
        identity: what the journal checks before it continues a search.
        in_flight: candidates being scored as the next is drawn, itself counted; see :class:`Evolution`.
    """

    space: SearchSpace[Any]
    proxy: Proxy
    budget: Budget
    start: BaseArchitecture
    seed: int = 0
    iterations: int = 480_000
    population_size: int = 512
    max_tries: int = 10_000
    identity: dict[str, Any] = field(default_factory=dict)
    in_flight: int = 1

    def evolution(self, restart: int, pool: Pool | None = None) -> Evolution:
        """Return the fresh evolution of a restart.

        Args:
            restart: which of several, from 0.
            pool: that scores by the setup's proxy and seed; by default this process does. The scores of a proxy that is not
                cheap are remembered.
        """
        return Evolution(**self.arguments(restart, pool))

    def arguments(self, restart: int, pool: Pool | None = None) -> dict[str, Any]:
        """Return what an evolution is made of, for :meth:`evolution`."""
        if pool is None:
            pool = LocalPool([self.proxy], self.seed)
        return {
            "space": self.space,
            "proxy": self.proxy,
            "budget": self.budget,
            "start": self.start,
            "rng": Random(f"{self.seed}/{restart}"),
            "population_size": self.population_size,
            "max_tries": self.max_tries,
            "in_flight": self.in_flight,
            "pool": pool if self.proxy.cheap else CachingPool(pool),
        }


class Progress(NamedTuple):
    """How far a search is.

    Attributes:
        restart: which of several, from 0.
        iteration: iterations done.
        accepted: candidates scored and appended.
        best: highest score, or None while there is none.
        resumed: iterations that an earlier run had done.
        rows: of the history, those that the journal has taken since it was told last; the first time all, also of earlier runs.
    """

    restart: int
    iteration: int
    accepted: int
    best: float | None
    resumed: int
    rows: Sequence[HistoryRow] = ()


class Candidate(NamedTuple):
    """A scored architecture.

    Attributes:
        score: higher is better; under a proxy that ranks within a set, the score within the last population.
        architecture: what was scored.
        parts: what such a proxy measured; empty for any other.
    """

    score: float
    architecture: BaseArchitecture
    parts: tuple[float, ...] = ()


@dataclass(frozen=True)
class SearchOutcome:
    """What one search found.

    Attributes:
        restart: which of several, from 0.
        ranked: the distinct members of the last population, best first.
        history: the population over the iterations.
        cloud: a sample of all scored candidates.
        iterations: done.
        accepted: candidates scored and appended.
        rejected: why candidates were thrown away, and how many.
        unscorable: what the proxy said of those it could not score, and how often.
        seconds: spent in all runs together.
        worker_deaths: workers that died, in all runs together.
        resumed: iterations that an earlier run had done.
    """

    restart: int
    ranked: list[Candidate]
    history: list[HistoryRow]
    cloud: list[CloudPoint]
    iterations: int
    accepted: int
    rejected: Counter[str]
    seconds: float
    worker_deaths: int = 0
    unscorable: Counter[str] = field(default_factory=Counter)
    resumed: int = 0


def run_search(
    setup: SearchSetup, restart: int, journal_path: Path, notify: Callable[[Progress], None], pool: Pool | None = None
) -> SearchOutcome:
    """Search, or continue a search, and return what it found.

    Killed at any moment and called again with the same arguments, it ends with the same result.

    Args:
        setup: what to search.
        restart: which of several, from 0.
        journal_path: file that the search is recorded in, and continued from.
        notify: called about ten times a second.
        pool: that scores by the setup's proxy and seed; by default this process does.

    Raises:
        UserError: the start is over the budget, nothing fits it, or the journal belongs to another search.
    """
    evolution = setup.evolution(restart, pool)
    identity = {**setup.identity, "restart": restart}
    if setup.in_flight != 1:
        identity["search.in_flight"] = setup.in_flight
    journal = SearchJournal(journal_path, identity)
    try:
        journal.restore(evolution)
        resumed = evolution.iteration
        stride, told = 1, 0
        while evolution.iteration < setup.iterations:
            began = time.perf_counter()
            evolution.advance(min(setup.iterations, evolution.iteration + stride))
            spent = time.perf_counter() - began
            stride = max(1, min(2 * stride, int(stride * _TICK / max(spent, 1e-6))))
            best = evolution.best if evolution.accepted else None
            rows: list[HistoryRow] = []
            if journal.is_due():
                journal.write(evolution)
                # Not before: a run that is killed and continued would tell them twice.
                rows, told = evolution.history[told:], len(evolution.history)
            notify(Progress(restart, evolution.iteration, evolution.accepted, best, resumed, rows))
        return replace(_finish(evolution, journal, restart), resumed=resumed)
    finally:
        journal.close()


def _finish(evolution: Evolution, journal: SearchJournal, restart: int) -> SearchOutcome:
    # What follows is not journaled: a search that is continued to more iterations does not pass through it.
    journal.write(evolution)
    evolution.drain()
    evolution.require_members()
    history = [row for row in evolution.history if row.iteration < evolution.iteration]
    history.append(evolution.row())
    ranked = evolution.population.ranked(len(evolution.population))
    if isinstance(evolution.population, RankedPopulation):
        evolution.population.score_cloud()
    return SearchOutcome(
        restart=restart,
        ranked=[Candidate(member.score, member.architecture, member.parts) for member in ranked],
        history=history,
        cloud=evolution.cloud.points,
        iterations=evolution.iteration,
        accepted=evolution.accepted,
        rejected=evolution.rejected,
        seconds=journal.seconds,
        worker_deaths=evolution.worker_deaths,
        unscorable=evolution.unscorable,
    )
