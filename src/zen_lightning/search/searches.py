"""All searches of a run, with what scores for them."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.search.events import Event, Note, Searched, Searching
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.open_pool import check_workers, open_pool
from zen_lightning.search.restarts import run_restarts
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.search.time_limit import seconds_of

_IN_FLIGHT_EACH = 2
"""Candidates in flight for each worker: one being scored, one waiting, so that none is idle. A choice."""


@dataclass(frozen=True)
class Effort:
    """How many searches, and what scores for them.

    Attributes:
        restarts: independent searches.
        processes: searches at a time; None: one for each core.
        in_flight: candidates being scored as the next is drawn; None: 1 in this process, 2 for each worker.
        threads: of torch in each process that scores; None is torch's own choice.
        workers: processes that score, ``auto``, or ``ray``; see :func:`~zen_lightning.search.open_pool.open_pool`.
        device: of torch.
        minutes: of all searches together, after which they end as if their iterations were done; None for no limit.

    Raises:
        UserError: a count below 1, or no minutes.
    """

    restarts: int = 1
    processes: int | None = None
    in_flight: int | None = None
    threads: int | None = 1
    workers: int | str = 1
    device: str = "cpu"
    minutes: float | None = None

    def __post_init__(self) -> None:
        check_workers(self.workers)
        for name in ("restarts", "processes", "in_flight", "threads"):
            at_least(name, getattr(self, name), 1)
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            raise UserError(key="minutes", value=self.minutes, expected="more than 0 minutes, or {None} for no limit")


def at_least(key: str, value: Any, least: int) -> None:
    """Raise a UserError where a value that is given is below a bound."""
    if value is not None and value < least:
        raise UserError(key=key, value=value, expected=f"{least} or more")


def run_searches(setup: SearchSetup, effort: Effort, folder: Path, notify: Callable[[Event], None]) -> list[SearchOutcome]:
    """Run all restarts, and return what each found.

    Args:
        setup: what to search.
        effort: how many searches, by what.
        folder: where the journals are kept, and continued from.
        notify: is told how far they are.

    Raises:
        UserError: nothing fits the budget, or the journals are those of another search.
    """
    # Two networks timed at once on one device would slow each other.
    processes = effort.processes if all(limit.repeatable for limit in setup.budget.limits) else 1
    seconds = seconds_of(effort.minutes)
    with open_pool([setup.proxy], setup.seed, effort.workers, effort.device, effort.threads) as pool:
        notify(Searching(setup.iterations, effort.restarts))
        if isinstance(pool, LocalPool):
            setup = replace(setup, in_flight=effort.in_flight or 1)
            outcomes = run_restarts(setup, effort.restarts, folder, notify, processes, effort.threads, seconds=seconds)
        else:
            setup = replace(setup, in_flight=effort.in_flight or _IN_FLIGHT_EACH * pool.slots)
            outcomes = run_restarts(setup, effort.restarts, folder, notify, pool=pool, seconds=seconds)
    notify(Searched(outcomes))
    beyond = max(outcome.iterations for outcome in outcomes)
    if beyond > setup.iterations:
        notify(Note(f"this search has {beyond:,} iterations already, more than {setup.iterations:,}: all are kept"))
    return outcomes
