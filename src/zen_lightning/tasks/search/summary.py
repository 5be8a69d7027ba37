"""What several searches did together, as figures of a result and as lines on the terminal."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from zen_lightning.report.charts.networks import MOST, Point, evenly
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.system.numbers import score_text, short_time
from zen_lightning.tasks.search.costs import known_costs
from zen_lightning.tasks.search.shapes import shapes_identity

if TYPE_CHECKING:
    from zen_lightning.tasks.search.exact import Optimum

_REASONS = 3


def on_the_way(config: DictConfig, setup: SearchSetup, outcomes: list[SearchOutcome]) -> list[Point]:
    """Return a sample of what all searches scored, for pictures."""
    sample = evenly([point for outcome in outcomes for point in outcome.cloud], MOST)
    return [
        Point(str(found), score, known_costs(config, setup, found), iteration=iteration)
        for iteration, score, found, _ in sample
    ]


def all_rejected(outcomes: list[SearchOutcome]) -> Counter[str]:
    """Return why candidates of all searches were thrown away, and how many."""
    return sum((outcome.rejected for outcome in outcomes), start=Counter())


def all_unscorable(outcomes: list[SearchOutcome]) -> Counter[str]:
    """Return what the proxy said of candidates of all searches that it could not score, and how often."""
    return sum((outcome.unscorable for outcome in outcomes), start=Counter())


def run_figures(config: DictConfig, setup: SearchSetup, outcomes: list[SearchOutcome], seconds: float) -> dict[str, Any]:
    """Return what ``result.json`` says of a run, whatever it found: limits, iterations, time, seed, versions.

    Args:
        config: the composed configuration.
        setup: what was searched.
        outcomes: of all searches.
        seconds: of this run, from start to end.
    """
    return {
        "budget": config.budget.name,
        "budgets": {limit.name: limit.maximum for limit in setup.budget.limits},
        **({"shape": shapes_identity(setup.budget.shapes)} if setup.budget.shapes else {}),
        "resolution": config.resolution,
        "num_classes": config.num_classes,
        "iterations": sum(outcome.iterations for outcome in outcomes),
        "restarts": len(outcomes),
        "accepted": sum(outcome.accepted for outcome in outcomes),
        "rejected": all_rejected(outcomes),
        "cannot_score": all_unscorable(outcomes),
        "worker_deaths": sum(outcome.worker_deaths for outcome in outcomes),
        "search_seconds": round(max(outcome.seconds for outcome in outcomes), 3),
        "seconds": round(seconds, 3),
        "seed": config.seed,
        "versions": versions(),
        "git_commit": git_commit(),
    }


def unscorable_lines(proxy: str, outcomes: list[SearchOutcome]) -> list[str]:
    """Return the commonest reasons for which a proxy could not score candidates."""
    reasons = all_unscorable(outcomes).most_common(_REASONS)
    return [f"{proxy} could not score {count:,}: {reason}" for reason, count in reasons]


def exact_line(optimum: "Optimum", outcome: SearchOutcome) -> str:
    """Return what the exact optimiser did, and the time of it."""
    solution = optimum.solution
    return (
        f"{solution.labels:,} partial networks, widths up to {solution.widest:,}; by prices alone the bound is "
        f"{score_text(solution.dual_bound)}; {short_time(outcome.seconds)}"
    )


def effort_line(outcomes: list[SearchOutcome]) -> str:
    """Return iterations, what became of their candidates, and the time of the loop."""
    iterations = sum(outcome.iterations for outcome in outcomes)
    accepted = sum(outcome.accepted for outcome in outcomes)
    reasons = ", ".join(f"{name} {count / iterations:.0%}" for name, count in all_rejected(outcomes).most_common())
    seconds = max(outcome.seconds for outcome in outcomes)
    accepted_share = f"{accepted / iterations:.0%} accepted (rejected: {reasons or 'none'})"
    return f"{iterations:,} iterations, {accepted_share}, loop {short_time(seconds)}"
