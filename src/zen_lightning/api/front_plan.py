"""All that a search for a front is asked for, checked; and carrying it out."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.api.search_plan import SearchPlan
from zen_lightning.api.search_result import Searches
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.network_latency import NetworkLatency
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Score
from zen_lightning.search.events import Notify, Say, saying
from zen_lightning.search.finalists import rank_finalists
from zen_lightning.search.front import FrontSetup
from zen_lightning.search.front_points import FrontPoint, front_of, spread
from zen_lightning.search.objectives import objectives
from zen_lightning.search.run import Candidate, SearchSetup
from zen_lightning.search.searches import at_least, run_searches
from zen_lightning.search.time_limit import seconds_of
from zen_lightning.system.brief import brief

if TYPE_CHECKING:
    from zen_lightning.search.exact.front import Line

_SECONDS = 1.0
"""Seconds for which each network with a file is measured, if the profile is of this device. A choice: they are a dozen."""


@dataclass(frozen=True)
class FrontPlan(SearchPlan):
    """What a search for a front is asked for.

    Attributes:
        setup: the setup of a plain search under the same budget.
        objectives: names of the costs that the score is traded for.
        structures: networks of the front that are chosen, spread over the first objective.

    And those of :class:`~zen_lightning.api.search_plan.SearchPlan`; ``second`` scores the chosen networks again.

    Raises:
        UserError: a value that cannot be used.
    """

    objectives: Sequence[str] = ("flops", "params")
    structures: int = 12

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("structures", self.structures, 1)
        if self.chooses_depth:
            what = "it chooses one depth for one answer"
            raise UserError(what, key="layers", value="auto", remedy="for a front, give a number of layers or {None}")
        self.front()

    def front(self, setup: SearchSetup | None = None) -> FrontSetup:
        """Return what is searched, under the budget of a setup: that of the plan by default."""
        plain = self.setup if setup is None else setup
        names = list(self.objectives)
        costs = objectives(names, plain.budget, self.resolution, self.num_classes)
        if not plain.space.bounded and not any(limit.bounds_width for limit in plain.budget.limits):
            remedy = "set {flops} or {params}"
            raise UserError("a front needs a largest cost", key="budget", remedy=remedy, involves=["flops", "params"])
        # The population of a front has no size, so this does not belong to what it is.
        identity: dict[str, Any] = {key: value for key, value in plain.identity.items() if key != "search"}
        told = {"identity": identity | {"task": "pareto", "objectives": names}, "objectives": costs}
        return FrontSetup(**{name.name: getattr(plain, name.name) for name in fields(SearchSetup)} | told)

    def check_exact(self) -> None:
        """Raise a UserError where the exact optimiser cannot find the front."""
        from zen_lightning.search.optimum import check_exact_front

        check_exact_front(self.front(), self.resolution, self.effort.restarts)

    def opening(self) -> str:
        """Return what is searched, as a sentence."""
        how = "by dynamic programming" if self.exact else f"in {self.setup.iterations:,} iterations"
        traded = " and ".join(self.objectives)
        return f"searching for the front of score against {traded}, up to {self.budget_text()}, {how}"


@dataclass(frozen=True)
class FrontNetwork:
    """A network of the front that was looked at closer.

    Attributes:
        point: the point of the front.
        again: its score by the second proxy; None without one.
        latency: where a profile predicts it.
    """

    point: FrontPoint
    again: Score | None = None
    latency: NetworkLatency | None = None

    @property
    def architecture(self) -> BaseArchitecture:
        """The network."""
        return self.point.architecture

    @property
    def score(self) -> float:
        """By the proxy of the search."""
        return self.point.score


@dataclass(frozen=True)
class ParetoResult(Searches):
    """The front that was found.

    Attributes:
        setup: what was searched, with its objectives.
        points: the front, the cheap ones by the first objective first.
        chosen: a few of them, spread over the first objective.
        lines: what the exact optimiser proved, for each of several limits.

    And those of :class:`~zen_lightning.api.search_result.Searches`.
    """

    setup: FrontSetup = field(repr=False)
    points: tuple[FrontPoint, ...] = field(kw_only=True, repr=False)
    chosen: tuple[FrontNetwork, ...] = field(kw_only=True, repr=False)
    lines: "tuple[Line, ...]" = field(default=(), kw_only=True, repr=False)

    def __repr__(self) -> str:
        objectives = [objective.name for objective in self.setup.objectives]
        return brief(self, networks=len(self.points), objectives=objectives, score=self.best.score, seconds=self.seconds)

    @property
    def best(self) -> FrontPoint:
        """The network with the highest score."""
        return max(self.points, key=lambda point: point.score)

    @property
    def table(self) -> dict[str, list[Any]]:
        """The front by columns: structure, score, each objective, and the bounds where there are some."""
        names = [objective.name for objective in self.setup.objectives]
        found: dict[str, list[Any]] = {
            "structure": [str(point.architecture) for point in self.points],
            "score": [point.score for point in self.points],
        }
        found |= {name: [point.costs[place] for point in self.points] for place, name in enumerate(names)}
        bounds = [self.bounds(point) for point in self.points] if self.lines else []
        return found | ({key: [one[key] for one in bounds] for key in bounds[0]} if bounds else {})

    def bounds(self, point: FrontPoint) -> dict[str, float | None]:
        """Return what is proved of all networks that cost no more than a point of an exact front.

        Returns:
            ``bound``: no network scores higher that costs no more by any objective; with two objectives also
            ``bound_flops`` and ``bound_params``: none that costs no more by this one, whatever it costs by the other. None
            where a limit on time ended the search before anything was proved.
        """
        objectives = self.setup.objectives
        found: dict[str, float | None] = {"bound": self._bound(point, point.costs)}
        if len(objectives) == 1:
            return found
        largest = [max(line.limits[place] for line in self.lines) for place in range(len(objectives))]
        for place, objective in enumerate(objectives):
            costs = [*largest[:place], point.costs[place], *largest[place + 1 :]]
            found[f"bound_{objective.name}"] = self._bound(point, costs)
        return found

    def _bound(self, point: FrontPoint, costs: Sequence[float]) -> float | None:
        from zen_lightning.search.exact.front import bound_at

        bound = bound_at(self.lines, costs)
        return max(point.score, bound) if bound < math.inf else None


def find_front(plan: FrontPlan, folder: Path, notify: Notify) -> ParetoResult:
    """Search for a front, and return it.

    Args:
        plan: what is asked for.
        folder: where journals are kept, and continued from.
        notify: is told how far it is.

    Raises:
        UserError: something cannot be used, or nothing fits the budget.
    """
    began, say = time.monotonic(), saying(notify)
    plan.check()
    say(plan.opening())
    for note in plan.notes:
        say(note)
    setup = plan.front()
    lines: tuple[Line, ...] = ()
    if plan.predicts:
        from zen_lightning.latency.calibration import calibrated

        setup = plan.front(calibrated(plan.setup, plan.resolution, folder, plan.calibrate, say))
    if plan.exact:
        from zen_lightning.search.optimum import find_exact_front

        seconds = seconds_of(plan.effort.minutes)
        proved, outcome = find_exact_front(setup, plan.resolution, plan.structures, plan.effort.processes, say, seconds)
        outcomes, lines = [outcome], tuple(proved)
    else:
        outcomes = run_searches(setup, plan.effort, folder, notify)
    points = front_of(outcomes, setup.objectives)
    chosen = [FrontNetwork(point) for point in spread(points, plan.structures)]
    chosen = _scored_again(chosen, plan, say)
    chosen = _timed(chosen, setup, say) if plan.predicts else chosen
    return ParetoResult(
        points=tuple(points),
        chosen=tuple(chosen),
        lines=lines,
        outcomes=tuple(outcomes),
        setup=setup,
        resolution=plan.resolution,
        num_classes=plan.num_classes,
        optimizer=plan.optimizer,
        seconds=time.monotonic() - began,
        names=plan.names,
        minutes=plan.effort.minutes,
    )


def _scored_again(chosen: list[FrontNetwork], plan: FrontPlan, say: Say) -> list[FrontNetwork]:
    if plan.second is None:
        return chosen
    say(f"re-scoring the {len(chosen)} chosen networks by {plan.second.title}")
    candidates = [Candidate(one.score, one.architecture) for one in chosen]
    finalists, failures = rank_finalists(candidates, plan.second, plan.setup.seed)
    for failure in failures:
        say(f"cannot score again: {failure}")
    scores = {finalist.architecture: finalist.final_score for finalist in finalists}
    return [replace(one, again=scores.get(one.architecture)) for one in chosen]


def _timed(chosen: list[FrontNetwork], setup: FrontSetup, say: Say) -> list[FrontNetwork]:
    """Return networks with their latencies: measured, where the device of the profile is this one."""
    from zen_lightning.latency.at_hand import is_here
    from zen_lightning.latency.network_latency import measure_latency_of, predict_latency_of, predicted_limit

    limit = predicted_limit(setup.budget)
    assert limit is not None
    if not is_here(limit.predictor.profile):
        return [replace(one, latency=predict_latency_of(limit, one.architecture)) for one in chosen]
    say(f"measuring the {len(chosen)} chosen networks")
    return [replace(one, latency=measure_latency_of(limit, one.architecture, _SECONDS)) for one in chosen]
