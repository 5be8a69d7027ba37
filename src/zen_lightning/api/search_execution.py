"""Carrying out what a search is asked for: the choice of a depth, the search, its finalists."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.api.search_plan import SearchPlan
from zen_lightning.api.search_result import SearchResult
from zen_lightning.api.search_warnings import warnings_of
from zen_lightning.search.ahead import Ahead
from zen_lightning.search.events import DepthChosen, Notify, Say, saying
from zen_lightning.search.finalists import best_distinct, choose_finalists
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.search.searches import run_searches
from zen_lightning.search.time_limit import seconds_of

if TYPE_CHECKING:
    from zen_lightning.search.depth_choice import Depth
    from zen_lightning.search.optimum import Optimum

_LEAST_SHARE = 0.5
"""Of the time of an exact search that is left for the optimum under the depth that is chosen first. A choice."""


def find(plan: SearchPlan, folder: Path, notify: Notify, ahead: Ahead | None = None) -> SearchResult:
    """Search, and return what was found.

    Args:
        plan: what is asked for.
        folder: where journals are kept, and continued from.
        notify: is told how far it is.
        ahead: a second process, which scores the finalists; None: this one does.

    Raises:
        UserError: something cannot be used, or nothing fits the budget.
    """
    began, say, minutes = time.monotonic(), saying(notify), plan.effort.minutes
    plan.check()
    depths: Sequence[Depth] = ()
    if plan.chooses_depth:
        plan, depths = with_depth(plan, folder, say)
        if plan.exact and minutes is not None:
            left = max(_LEAST_SHARE * minutes, minutes - (time.monotonic() - began) / 60)
            plan = replace(plan, effort=replace(plan.effort, minutes=left))
        notify(DepthChosen(depths, plan.setup.proxy.name))
    say(plan.opening())
    for warning in warnings_of(plan):
        say(warning)
    plan, outcomes, answer = _searched(plan, folder, notify, ahead)
    return SearchResult(
        finalists=tuple(answer.finalists),
        second=plan.second,
        outcomes=tuple(outcomes),
        setup=plan.setup,
        resolution=plan.resolution,
        num_classes=plan.num_classes,
        optimizer=plan.optimizer,
        optimum=answer.optimum,
        depths=tuple(depths),
        depth_training=plan.training.facts(plan.resolution) if depths and plan.training is not None else None,
        seconds=time.monotonic() - began,
        names=plan.names,
        minutes=minutes,
    )


@dataclass(frozen=True)
class _Answer:
    finalists: Sequence[Any]
    optimum: "Optimum | None" = None


def _searched(
    plan: SearchPlan, folder: Path, notify: Notify, ahead: Ahead | None
) -> tuple[SearchPlan, list[SearchOutcome], _Answer]:
    """Return the plan as it was searched, what was found, and the candidates for the answer."""
    setup, say, count = plan.setup, saying(notify), max(1, plan.finalists)

    def search(setup: SearchSetup, minutes: float | None) -> list[SearchOutcome]:
        return run_searches(setup, replace(plan.effort, minutes=minutes), folder, notify)

    if plan.exact:
        from zen_lightning.search.optimum import find_optimum

        optimum, outcome = find_optimum(setup, plan.resolution, count, say, seconds_of(plan.effort.minutes))
        candidates = best_distinct([outcome], count, setup.proxy)
        return plan, [outcome], _Answer(choose_finalists(candidates, setup.proxy, plan.second, setup.seed, say, ahead), optimum)
    if not plan.predicts:
        outcomes = search(setup, plan.effort.minutes)
        candidates = best_distinct(outcomes, count, setup.proxy)
        return plan, outcomes, _Answer(choose_finalists(candidates, setup.proxy, plan.second, setup.seed, say, ahead))
    from zen_lightning.latency.search_within import first_that_fits, search_within

    setup, outcomes, latencies = search_within(
        setup, plan.resolution, plan.finalists, plan.effort.restarts, folder, plan.calibrate, search, say, plan.effort.minutes
    )
    candidates = best_distinct(outcomes, count, setup.proxy)
    finalists = choose_finalists(candidates, setup.proxy, plan.second, setup.seed, say, ahead)
    return replace(plan, setup=setup), outcomes, _Answer(first_that_fits(setup, finalists, latencies, outcomes, say))


def with_depth(plan: SearchPlan, folder: Path, say: Say) -> tuple[SearchPlan, "list[Depth]"]:
    """Return the plan under the limit on layers that is chosen, and what each limit gave."""
    from zen_lightning.search.depth_choice import best_depth, choose_depth, under_depth
    from zen_lightning.search.optimum import saying_time_is_up

    train, how, setup = None, plan.training, plan.setup
    if how is not None:
        from zen_lightning.api.candidate_training import train_depths

        how.ready()  # Images that are missing are noticed before the searches.
        train = partial(train_depths, how, resolution=plan.resolution, seed=setup.seed, folder=folder, say=say)
    known_as = how.known_as() if how is not None else None
    sizes = plan.resolution, plan.num_classes
    limit = seconds_of(plan.effort.minutes)
    seconds = None if limit is None else limit * (1 - _LEAST_SHARE)
    with saying_time_is_up(limit, "in half of this time, which is for the choice of the depth"):
        depths = choose_depth(setup, plan.depths, *sizes, folder, say, train, known_as, plan.exact, seconds)
    setup = under_depth(plan.setup, best_depth(depths).limit)
    return replace(plan, setup=setup, chooses_depth=False), depths
