"""A single search with its journal."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
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
from zen_lightning.search.paused_collector import paused_collector
from zen_lightning.search.pool import Pool
from zen_lightning.search.ranked_population import RankedPopulation
from zen_lightning.search.trace import CloudPoint, HistoryRow
from zen_lightning.space import SearchSpace

_TICK = 0.1
"""Seconds between two reports of progress. A choice: a bar that moves ten times a second looks alive and costs nothing."""


@dataclass(frozen=True)
class SearchSetup:
    """The settings of a search, all of which can be sent to another process.

    The defaults of ``iterations`` and ``population_size`` are those of the original's presets.

    Attributes:
        space: the search space.
        proxy: the score to maximise.
        budget: the limits that candidates must keep.
        start: the first parent.
        seed: seed of the search; each restart has a generator of its own, seeded with the seed and its number.
        iterations: number of candidates to draw.
        population_size: number of members kept.
        max_tries: number of candidates after which an empty population is an error.
        identity: values that the journal compares before it continues a search.
        in_flight: number of candidates scored at the same time; see :class:`Evolution`.
        asked_start: the start that was asked for, where ``start`` is another one that fits the budget; else None.
    """

    space: SearchSpace[Any]
    proxy: Proxy
    budget: Budget
    start: BaseArchitecture
    seed: int = 0
    iterations: int = 480_000
    population_size: int = 512
    max_tries: int = 10_000  # A choice: less than a second of a search in closed form.
    identity: dict[str, Any] = field(default_factory=dict)
    in_flight: int = 1
    asked_start: BaseArchitecture | None = None

    def evolution(self, restart: int, pool: Pool | None = None) -> Evolution:
        """Return the new evolution of a restart.

        Args:
            restart: number of the restart, from 0.
            pool: a pool that scores by the setup's proxy and seed; by default this process scores. The scores of a proxy that
                is not cheap are cached.
        """
        return Evolution(**self.arguments(restart, pool))

    def arguments(self, restart: int, pool: Pool | None = None) -> dict[str, Any]:
        """Return the arguments of the evolution of a restart; see :meth:`evolution`."""
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
    """The progress of a search.

    Attributes:
        restart: number of the restart, from 0.
        iteration: iterations done.
        accepted: candidates scored and added to the population.
        best: highest score; None before the first.
        resumed: iterations done by earlier runs.
        rows: rows of the history that the journal has recorded since the last progress; the first time all, also of earlier
            runs.
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
        score: its score, higher is better; for a proxy that ranks within a set, the score within the last population.
        architecture: the scored network.
        parts: measurements of such a proxy; empty for other proxies.
    """

    score: float
    architecture: BaseArchitecture
    parts: tuple[float, ...] = ()


@dataclass(frozen=True)
class SearchOutcome:
    """The outcome of one search.

    Attributes:
        restart: number of the restart, from 0.
        ranked: the distinct members of the last population, best first.
        history: the population over the iterations.
        cloud: a sample of all scored candidates.
        iterations: iterations done.
        accepted: candidates scored and added to the population.
        rejected: number of rejected candidates, by reason.
        unscorable: number of candidates without a score, by the message of the proxy.
        seconds: time spent, in all runs together.
        worker_deaths: workers that died, in all runs together.
        resumed: iterations done by earlier runs.
        stopped_by_time: whether a limit on its time ended it before all iterations were done.
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
    stopped_by_time: bool = False


def run_search(
    setup: SearchSetup,
    restart: int,
    journal_path: Path,
    notify: Callable[[Progress], None],
    pool: Pool | None = None,
    seconds: float | None = None,
) -> SearchOutcome:
    """Run or continue a search, and return its outcome.

    If it is killed at any moment and called again with the same arguments, the result is the same; under a limit on its time
    that holds for the candidates, but not for their number.

    Args:
        setup: the setup of the search.
        restart: number of the restart, from 0.
        journal_path: the file that records the search, from which it can be continued.
        notify: called about ten times a second.
        pool: a pool that scores by the setup's proxy and seed; by default this process scores.
        seconds: after which it ends as if its iterations were done, those of earlier runs included; None for no limit.

    Raises:
        UserError: the start is over the budget, nothing fits it, or the journal belongs to another search.
    """
    evolution = setup.evolution(restart, pool)
    identity = {**setup.identity, "restart": restart}
    if setup.in_flight != 1:
        identity["search.in_flight"] = setup.in_flight
    journal = SearchJournal(journal_path, identity)
    # Python collecting cycles after each of these steps took a fifth of a search in closed form, which makes none. Networks of
    # torch may hold cycles: for proxies that build them, the collector runs between steps.
    with closing(journal), paused_collector() if setup.proxy.cheap else nullcontext():
        journal.restore(evolution)
        resumed = evolution.iteration
        stride, told = 1, 0
        while evolution.iteration < setup.iterations and not (evolution.iteration and _is_up(journal, seconds)):
            began = time.perf_counter()
            evolution.advance(min(setup.iterations, evolution.iteration + stride))
            spent = time.perf_counter() - began
            stride = max(1, min(2 * stride, int(stride * _TICK / max(spent, 1e-6))))
            best = evolution.best if evolution.accepted else None
            rows: list[HistoryRow] = []
            if journal.is_due():
                journal.write(evolution)
                # Only rows in the journal: a killed and continued run would report others twice.
                rows, told = evolution.history[told:], len(evolution.history)
            notify(Progress(restart, evolution.iteration, evolution.accepted, best, resumed, rows))
        stopped = evolution.iteration < setup.iterations
        return replace(_finish(evolution, journal, restart), resumed=resumed, stopped_by_time=stopped)


def _is_up(journal: SearchJournal, seconds: float | None) -> bool:
    return seconds is not None and journal.seconds_by_now >= seconds


def _finish(evolution: Evolution, journal: SearchJournal, restart: int) -> SearchOutcome:
    # The last results are not recorded, as a search that is continued to more iterations does not pass through this state.
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
