"""All that a search is asked for, checked; and carrying it out."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from zen_lightning.api.budget import budget_text
from zen_lightning.api.fitted_start import measured_start
from zen_lightning.api.search_result import SearchResult
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.search.ahead import Ahead
from zen_lightning.search.events import DepthChosen, Notify, Say, saying
from zen_lightning.search.finalists import best_distinct, choose_finalists
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.search.searches import Effort, at_least, run_searches
from zen_lightning.search.time_limit import seconds_of
from zen_lightning.system.cores import available_cores

if TYPE_CHECKING:
    from zen_lightning.api.depth_training import DepthTraining
    from zen_lightning.search.depth_choice import Depth
    from zen_lightning.search.optimum import Optimum

OPTIMIZERS = ("evolution", "exact")

_WORTH_A_PROCESS = 60_000
"""Iterations from which on a second process imports what comes after the loop. A choice: one to two seconds, as the imports."""

_LEAST_SHARE = 0.5
"""Of the time of an exact search that is left for the optimum under the depth that is chosen first. A choice."""


@dataclass(frozen=True)
class SearchPlan:
    """What a search is asked for.

    Attributes:
        setup: what to search.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        effort: how many searches, and what scores.
        optimizer: ``evolution``, or ``exact``.
        finalists: how many of the best are candidates for the answer.
        second: scores the finalists again; None: the search's own score decides.
        chooses_depth: whether the limit on layers is chosen first.
        depths: limits that are then tried; None for the usual.
        training: the training that chooses among them; None: the calibrated score does.
        calibrate: whether predictions of latency are corrected by measurements.
        names: the names of the presets of ``search`` and ``budget``, for results.
        notes: what to tell of how the budget was read.

    Raises:
        UserError: a value that cannot be used.
    """

    setup: SearchSetup
    resolution: int
    num_classes: int
    effort: Effort = field(default_factory=Effort)
    optimizer: str = "evolution"
    finalists: int = 0
    second: Proxy | None = None
    chooses_depth: bool = False
    depths: Sequence[int] | None = None
    training: "DepthTraining | None" = None
    calibrate: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_sizes(self.resolution, self.num_classes)
        for key in ("iterations", "population_size", "max_tries"):
            at_least(key, getattr(self.setup, key), 1)
        at_least("finalists", self.finalists, 0)
        if self.optimizer not in OPTIMIZERS:
            raise UserError(key="optimizer", value=self.optimizer, expected="evolution or exact", choices=OPTIMIZERS)

    @property
    def exact(self) -> bool:
        """Whether the exact optimiser searches."""
        return self.optimizer == "exact"

    @property
    def asked_iterations(self) -> int:
        """Iterations that are asked for, over all restarts; 0 of the exact optimiser, which has none."""
        return 0 if self.exact else self.setup.iterations * self.effort.restarts

    @property
    def ahead(self) -> Ahead:
        """What imports while the loop runs what comes after it: torch for the finalists, matplotlib for the plots.

        A process of its own where the loop takes some seconds and leaves a core idle. It imports the main module of this
        program again, as processes that search do.
        """
        effort = self.effort
        alone = effort.restarts == 1 and effort.workers == 1 and effort.device == "cpu" and available_cores() > 1
        scores = ["torch", type(self.second).__module__] if self.second else []
        if self.exact:  # It leaves nothing to plot.
            return Ahead(scores, process=alone and bool(scores))
        worth = self.setup.proxy.cheap and alone and self.setup.iterations >= _WORTH_A_PROCESS
        return Ahead(
            [*scores, "zen_lightning.report.png", "matplotlib.figure", "matplotlib.backends.backend_agg"], process=worth
        )

    @property
    def predicts(self) -> bool:
        """Whether a profile predicts the latency that the budget limits."""
        return any(isinstance(limit, BaseLatencyLimit) and limit.repeatable for limit in self.setup.budget.limits)

    def check(self) -> None:
        """Raise a UserError where it is known beforehand that nothing can be found."""
        for _, look in self.checks():
            look()

    def checks(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield what raises a UserError where it is known beforehand that nothing can be found, with what it is about."""
        if self.exact:
            yield "optimizer", self.check_exact
        if self.chooses_depth:
            yield "depths", self.depth_limits
        if not self.exact:
            yield "budget", self._check_start

    def ready(self, say: Say = lambda text: None) -> Self:
        """Return the plan with a start that also fits what is measured, a latency without a profile.

        Args:
            say: is told of another start.

        Raises:
            UserError: the smallest network is over the budget.
        """
        return replace(self, setup=measured_start(self.setup, say))

    def _check_start(self) -> None:
        setup = self.ready().setup
        setup.budget.check(setup.start, "the start")

    def check_exact(self) -> None:
        """Raise a UserError where the exact optimiser cannot solve what is asked for."""
        from zen_lightning.search.optimum import check_exact

        check_exact(self.setup, self.resolution, self.effort.restarts, self.chooses_depth)

    def depth_limits(self) -> list[int]:
        """Return the limits on layers that are tried."""
        from zen_lightning.search.depth_choice import depth_limits

        return depth_limits(self.setup, self.depths)

    def opening(self) -> str:
        """Return what is searched, as a sentence."""
        how = "by dynamic programming" if self.exact else f"in {self.setup.iterations:,} iterations"
        return f"searching for {self.budget_text()} {how}"

    def budget_text(self) -> str:
        """Return the budget as a sentence has it."""
        return f"budget {self.names.get('budget', 'custom')} ({budget_text(self.setup.budget)})"


def for_images(start: BaseArchitecture, channels: int | None) -> BaseArchitecture:
    """Return the start of a search for images of so many channels; None: as it is written.

    Raises:
        UserError: it cannot be changed, or they are below 1.
    """
    if channels is None or channels == start.in_channels:
        return start
    if not isinstance(start, Architecture):
        what = f"a {type(start).__name__} is for images of {start.in_channels} channels"
        raise UserError(what, key="in_channels", value=channels, remedy="choose another search space")
    return start.for_images(channels)


def check_sizes(resolution: int, num_classes: int) -> None:
    """Raise a UserError where images or classes are below 1."""
    at_least("resolution", resolution, 1)
    at_least("num_classes", num_classes, 1)


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


def warnings_of(plan: SearchPlan) -> list[str]:
    """Return what to know before a search begins: how counts were read, cores that are idle, and depth that nothing limits."""
    found, cores = list(plan.notes), available_cores()
    effort = plan.effort
    if effort.workers == 1 and effort.device == "cpu" and cores > 1 and not plan.setup.proxy.cheap:
        found.append(f"scoring on one of {cores} cores: workers=auto uses all, with a history of its own")
    found += filter(None, [latency_warning(plan), depth_warning(plan.setup)])
    return found


def latency_warning(plan: SearchPlan) -> str | None:
    """Return that an optimum under predicted latency takes long; None of another search."""
    if not plan.exact or not any(hasattr(limit, "additive_times") for limit in plan.setup.budget.limits):
        return None
    return (
        "an optimum under predicted latency takes long: seconds for a start of few blocks, some minutes and 3 GB with those of "
        "budget=latency03ms. A limit on its minutes ends it with the bound that is proved by then (docs/optimum.md)"
    )


def depth_warning(setup: SearchSetup) -> str | None:
    """Return what to know of a search by the Zen-score that nothing keeps from growing deeper; None where something does.

    The figure: the best networks under 600M FLOPs at 224 px in the mobilenet space, with 14 layers and with 30
    (benchmarks/shape_costs.py).
    """
    limited = any(limit.bounds_depth for limit in setup.budget.limits)
    bounded = any(shape.name in ("effectiveness", "layers_each_stage") for shape in setup.budget.shapes)
    if setup.proxy.name != "zen" or setup.space.bounded or limited or bounded:
        return None
    return (
        "budget.layers is not limited: then depth alone drives the Zen-score, whatever a network is worth (600M FLOPs score "
        "100.2 in 14 layers, 208.1 in 30). Set budget.layers, or shape.effectiveness"
    )
