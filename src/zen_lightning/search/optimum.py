"""The optimum with a bound, by dynamic programming, in the form in which a search leaves its outcome."""

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning.budget import FlopsLimit, Limit, ParamsLimit
from zen_lightning.errors import UserError
from zen_lightning.search.depths import at_depth
from zen_lightning.search.events import Say
from zen_lightning.search.run import Candidate, SearchOutcome, SearchSetup
from zen_lightning.search.still_working import StillWorking
from zen_lightning.search.time_limit import TimeIsUpError, time_limit
from zen_lightning.system.cores import available_cores
from zen_lightning.system.numbers import score_text, short_count

if TYPE_CHECKING:
    from zen_lightning.search.exact.course import Step
    from zen_lightning.search.exact.front import Line
    from zen_lightning.search.exact.solution import Solution
    from zen_lightning.search.front import FrontSetup

_LIMITS = 16
"""At least so many limits are solved for a front, each a sixth lower than the one before; of two costs on the first, each with
several limits on the second. A choice."""


class Optimum(NamedTuple):
    """What was proved.

    Attributes:
        score: of the best network.
        structure: of it.
        bound: no network within the limits scores higher; infinite where the time ended before any bound was known.
        solution: how it was found.
    """

    score: float
    structure: str
    bound: float
    solution: "Solution"

    @property
    def gap(self) -> float:
        """How much higher the bound is; infinite where none is known."""
        return self.bound - self.score

    def figures(self) -> dict[str, Any]:
        """Return what ``result.json`` says of it."""
        return {
            "optimum": self.score,
            "optimum_structure": self.structure,
            "bound": _known(self.bound),
            "gap": _known(self.gap),
            "gap_percent": _known(100 * self.gap / abs(self.score)) if self.score else None,
            "bound_by_prices": _known(self.solution.dual_bound),
            "prices": self.solution.prices,
            "widths_up_to": self.solution.widest,
            "partial_networks": self.solution.labels,
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return what the terminal and the report say of it, as names and values."""
        percent = 100 * self.gap / abs(self.score) if self.score else 0.0
        best = "optimum of the search's score" if self.solution.finished else "best of the search's score so far"
        if self.bound == math.inf:
            return [(best, score_text(self.score)), ("upper bound", "none yet: its first pass over all blocks did not end")]
        return [
            (best, score_text(self.score)),
            (f"upper bound, widths up to {self.solution.widest:,}", score_text(self.bound)),
            ("gap", f"{self.gap:.2g} ({percent:.2g}%)"),
        ]


def check_exact(setup: SearchSetup, resolution: int, restarts: int = 1, any_depth: bool = False) -> None:
    """Raise a UserError where the exact optimiser cannot solve what is asked for.

    Args:
        setup: what to search.
        resolution: height and width of the images.
        restarts: that are asked for.
        any_depth: whether a limit on layers is still to be chosen.
    """
    from zen_lightning.search.exact.chain import NoTablesError
    from zen_lightning.search.exact.request import request_of

    if restarts != 1:
        what = "they repeat an evolution; {optimizer}=exact has one answer, whatever the seed"
        raise UserError(what, key="restarts", value=restarts, remedy="leave {restarts} out", involves=["optimizer"])
    try:
        request_of(at_depth(setup, setup.start.num_layers) if any_depth else setup, resolution)
    except NoTablesError as error:
        remedy = "{optimizer}=evolution searches any space by any score"
        raise UserError(error.what, key="optimizer", value="exact", remedy=remedy) from error


def find_optimum(
    setup: SearchSetup, resolution: int, count: int, say: Say, seconds: float | None = None
) -> tuple[Optimum, SearchOutcome]:
    """Return the optimum, and the best networks of different structures as the outcome of a search.

    Args:
        setup: what to search.
        resolution: height and width of the images.
        count: of different structures that are wanted.
        say: is told each step, and from a second thread that the search goes on where a step takes long.
        seconds: after which it ends with the best network that it knows and the bound that is proved; None for no limit.

    Raises:
        UserError: see :func:`check_exact`; or nothing fits the budget, or no network was found in time.
    """
    from zen_lightning.search.exact.request import request_of
    from zen_lightning.search.exact.solve import solve

    check_exact(setup, resolution)
    began = time.perf_counter()
    request = request_of(setup, resolution)
    with StillWorking(say, ends_by_time=seconds is not None) as working, time_limit(seconds), saying_time_is_up(seconds):
        solution = solve(request.chain, request.costs, request.score, max(1, count), lambda step: working.step(_step(step)))
    candidates = []
    for found in solution.networks:
        assert setup.budget.violated(found.architecture) is None, f"over the budget: {found.architecture}"
        candidates.append(Candidate(setup.proxy.score(found.architecture, setup.seed).value, found.architecture))
    best = candidates[0]
    outcome = SearchOutcome(
        restart=0,
        ranked=candidates,
        history=[],
        cloud=[],
        iterations=solution.labels,
        accepted=len(candidates),
        rejected=Counter(),
        seconds=time.perf_counter() - began,
        stopped_by_time=not solution.finished,
    )
    return Optimum(best.score, str(best.architecture), max(best.score, solution.bound), solution), outcome


def check_exact_front(setup: "FrontSetup", resolution: int, restarts: int = 1) -> None:
    """Raise a UserError where the exact optimiser cannot find a front; see :func:`check_exact`."""
    check_exact(setup, resolution, restarts)
    names = [objective.name for objective in setup.objectives]
    known = [kind.name for kind in (FlopsLimit, ParamsLimit)]
    limited = [limit.name for limit in setup.budget.limits if limit.name in known]
    if not set(names) <= set(known) or not set(names) & set(limited):
        what = "{optimizer}=exact finds the front of FLOPs, of parameters or of both, where the budget limits one of them"
        remedy = f"choose {{objectives}}={limited[0] if limited else 'flops'}, or {{optimizer}}=evolution"
        raise UserError(what, key="objectives", value=names, remedy=remedy, involves=["optimizer"])


@contextmanager
def saying_time_is_up(seconds: float | None, when: str = "in this time") -> Iterator[None]:
    """Raise a UserError where the time is up before a network was found.

    Args:
        seconds: the limit on the time that was asked for.
        when: what of it was spent.
    """
    try:
        yield
    except TimeIsUpError:
        assert seconds is not None
        what = f"the exact optimiser found no network {when}"
        remedy = "give it more, or choose {optimizer}=evolution, which finds networks from the first second on"
        raise UserError(what, key="minutes", value=seconds / 60, remedy=remedy, involves=["optimizer"]) from None


def find_exact_front(
    setup: "FrontSetup", resolution: int, limits: int, processes: int | None, say: Say, seconds: float | None = None
) -> tuple["list[Line]", SearchOutcome]:
    """Return what is proved for each of several limits, and the networks found as the outcome of a search.

    Args:
        setup: what to search.
        resolution: height and width of the images.
        limits: at least so many are solved.
        processes: at a time; None: one for each core.
        say: is told each limit, and from a second thread that the search goes on where one takes long.
        seconds: see :func:`~zen_lightning.search.exact.front.solve_front`.
    """
    from zen_lightning.search.exact.front import first_of, limits_below, solve_front

    check_exact_front(setup, resolution)
    began = time.perf_counter()
    objective = setup.objectives[first_of(setup.objectives)]
    maxima = limits_below(objective.maximum, max(_LIMITS, limits))
    at_a_time = processes or available_cores()
    with StillWorking(say, ends_by_time=seconds is not None) as working, saying_time_is_up(seconds):

        def tell(line: "Line") -> None:
            working.step(_line(line, setup.objectives))

        lines, in_time = solve_front(setup, setup.objectives, maxima, resolution, at_a_time, tell, seconds)
    networks = {
        found.architecture: None
        for line in lines
        for found in line.networks
        if setup.budget.violated(found.architecture) is None
    }
    candidates = [Candidate(setup.proxy.score(architecture, setup.seed).value, architecture) for architecture in networks]
    candidates.sort(key=lambda candidate: (-candidate.score, str(candidate.architecture)))
    taken = time.perf_counter() - began
    outcome = SearchOutcome(0, candidates, [], [], len(lines), len(candidates), Counter(), taken, stopped_by_time=not in_time)
    return lines, outcome


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _line(line: "Line", objectives: Sequence[Limit]) -> str:
    best = f"best {score_text(line.networks[0].score)}{'' if line.finished else ', its time is up'}"
    if len(objectives) == 1:
        return f"  at most {short_count(round(line.limits[0])):<8} {best}"
    told = [
        f"{objective.name} at most {short_count(round(limit)):<6}" if limit < math.inf else f"{objective.name} without limit"
        for objective, limit in zip(objectives, line.limits, strict=True)
    ]
    return f"  {'   '.join(told):<48} {best}"


def _step(step: "Step") -> str:
    best = "" if step.best is None else f"   best {score_text(step.best)}"
    bound = "" if step.bound is None else f"   bound {score_text(step.bound)}"
    return f"  {step.what:<28} {step.blocks:>9,} blocks{best}{bound}"
