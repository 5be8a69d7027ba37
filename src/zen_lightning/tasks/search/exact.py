"""``search.optimizer=exact``: the optimum with a bound, in the form in which a search leaves its outcome."""

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from omegaconf import DictConfig

from zen_lightning.budget import FlopsLimit, ParamsLimit
from zen_lightning.errors import UserError, keyed, nearest
from zen_lightning.search.depths import at_depth
from zen_lightning.search.run import Candidate, SearchOutcome, SearchSetup
from zen_lightning.system.cores import available_cores
from zen_lightning.system.numbers import score_text, short_count
from zen_lightning.tasks.search.depths import is_auto

if TYPE_CHECKING:
    from zen_lightning.search.exact.front import Line
    from zen_lightning.search.exact.solve import Solution, Step
    from zen_lightning.search.front import FrontSetup

_LIMITS = 16
"""At least so many limits are solved for a front: each is lower than the one before by a sixth."""

OPTIMIZERS = ("evolution", "exact")
BOUNDS = "bounds.csv"
"""The course of the proof: blocks that are left, best score and bound after each step."""


class Optimum(NamedTuple):
    """What was proved.

    Attributes:
        score: of the best network.
        structure: of it.
        bound: no network within the limits scores higher.
        solution: how it was found.
    """

    score: float
    structure: str
    bound: float
    solution: "Solution"

    @property
    def gap(self) -> float:
        """How much higher the bound is."""
        return self.bound - self.score

    def figures(self) -> dict[str, Any]:
        """Return what ``result.json`` says of it."""
        return {
            "optimum": self.score,
            "optimum_structure": self.structure,
            "bound": self.bound,
            "gap": self.gap,
            "gap_percent": 100 * self.gap / abs(self.score) if self.score else None,
            "bound_by_prices": self.solution.dual_bound,
            "prices": self.solution.prices,
            "widths_up_to": self.solution.widest,
            "partial_networks": self.solution.labels,
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return what the terminal and the report say of it, as names and values."""
        percent = 100 * self.gap / abs(self.score) if self.score else 0.0
        return [
            ("optimum of the search's score", score_text(self.score)),
            (f"upper bound, widths up to {self.solution.widest:,}", score_text(self.bound)),
            ("gap", f"{self.gap:.2g} ({percent:.2g}%)"),
        ]


def is_exact(config: DictConfig) -> bool:
    """Whether the exact optimiser searches.

    Raises:
        UserError: no optimiser has the name that is given.
    """
    name = config.search.optimizer
    if name not in OPTIMIZERS:
        raise UserError(f"search.optimizer={name}: expected evolution or exact{nearest(str(name), list(OPTIMIZERS))}")
    return bool(name == "exact")


def check_exact(config: DictConfig, setup: SearchSetup) -> None:
    """Raise a UserError where the exact optimiser cannot solve what is asked for."""
    from zen_lightning.search.exact.request import request_of

    if config.search.restarts != 1:
        raise UserError(
            "search.restarts= repeats an evolution; search.optimizer=exact has one answer, whatever the seed: leave it out"
        )
    from zen_lightning.search.exact.chain import NoTablesError

    try:
        with keyed({"layers": "budget.layers"}):
            # The depth is chosen before: by then there is a limit on layers, whichever.
            request_of(at_depth(setup, setup.start.num_layers) if is_auto(config) else setup, config.resolution)
    except NoTablesError as error:
        remedy = "search.optimizer=evolution searches any space by any score"
        raise UserError(error.what, key="search.optimizer", value="exact", remedy=remedy) from error


def find_optimum(config: DictConfig, setup: SearchSetup) -> tuple[Optimum, SearchOutcome]:
    """Return the optimum, and the best networks of different structures as the outcome of a search.

    Args:
        config: the composed configuration.
        setup: what to search.

    Raises:
        UserError: see :func:`check_exact`; or nothing fits the budget.
    """
    from zen_lightning.search.exact.request import request_of
    from zen_lightning.search.exact.solve import solve

    check_exact(config, setup)
    began = time.perf_counter()
    request = request_of(setup, config.resolution)
    solution = solve(request.chain, request.costs, request.score, max(1, config.search.finalists), _show)
    candidates = []
    for found in solution.networks:
        assert setup.budget.violated(found.architecture) is None, f"over the budget: {found.architecture}"
        candidates.append(Candidate(setup.proxy.score(found.architecture, config.seed).value, found.architecture))
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
    )
    return Optimum(best.score, str(best.architecture), max(best.score, solution.bound), solution), outcome


def check_front(config: DictConfig, setup: "FrontSetup") -> None:
    """Raise a UserError where the exact optimiser cannot find a front."""
    check_exact(config, setup)
    names = [objective.name for objective in setup.objectives]
    known = [limit.name for limit in setup.budget.limits if type(limit) in (FlopsLimit, ParamsLimit)]
    if len(names) != 1 or names[0] not in known:
        raise UserError(
            f"objectives={names}: search.optimizer=exact finds the front of one cost that the budget limits; "
            f"choose objectives={known[0] if known else 'flops'}, or search.optimizer=evolution"
        )


def find_front(config: DictConfig, setup: "FrontSetup") -> tuple["list[Line]", SearchOutcome]:
    """Return what is proved for each of several limits, and the networks found as the outcome of a search."""
    from zen_lightning.search.exact.front import limits_below, solve_front

    check_front(config, setup)
    began = time.perf_counter()
    objective = setup.objectives[0]
    processes = config.search.processes or available_cores()
    limits = limits_below(objective.maximum, max(_LIMITS, config.structures))
    lines = solve_front(setup, objective.name, limits, config.resolution, processes, _show_line)
    networks = {
        found.architecture: None
        for line in lines
        for found in line.networks
        if setup.budget.violated(found.architecture) is None
    }
    candidates = [Candidate(setup.proxy.score(architecture, config.seed).value, architecture) for architecture in networks]
    candidates.sort(key=lambda candidate: (-candidate.score, str(candidate.architecture)))
    seconds = time.perf_counter() - began
    return lines, SearchOutcome(0, candidates, [], [], len(lines), len(candidates), Counter(), seconds)


def bounds_rows(optimum: Optimum) -> list[tuple[Any, ...]]:
    """Return the rows of ``bounds.csv``: what was done, blocks left, best score, bound."""
    return [tuple(step) for step in optimum.solution.steps]


def _show_line(line: "Line") -> None:
    print(f"  at most {short_count(round(line.limit)):<8} best {score_text(line.networks[0].score)}", flush=True)


def _show(step: "Step") -> None:
    best = "" if step.best is None else f"   best {score_text(step.best)}"
    bound = "" if step.bound is None else f"   bound {score_text(step.bound)}"
    print(f"  {step.what:<28} {step.blocks:>9,} blocks{best}{bound}", flush=True)
