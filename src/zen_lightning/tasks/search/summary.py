"""What searches did, as lines on the terminal."""

from typing import TYPE_CHECKING

from zen_lightning.api.search_result import Searches
from zen_lightning.report.charts.networks import MOST, Point, evenly
from zen_lightning.system.numbers import score_text, short_time

if TYPE_CHECKING:
    from zen_lightning.search.optimum import Optimum

_REASONS = 3
"""Reasons for rejected candidates on the terminal, the most frequent first. A choice."""


def on_the_way(found: Searches) -> list[Point]:
    """Return a sample of what all searches scored, for pictures."""
    sample = evenly([point for outcome in found.outcomes for point in outcome.cloud], MOST)
    return [Point(str(network), score, found.costs(network), iteration=iteration) for iteration, score, network, _ in sample]


def unscorable_lines(found: Searches) -> list[str]:
    """Return the most frequent reasons for which the proxy could not score candidates."""
    name = found.setup.proxy.name
    return [f"{name} could not score {count:,}: {reason}" for reason, count in found.unscorable.most_common(_REASONS)]


def exact_line(optimum: "Optimum", seconds: float) -> str:
    """Return what the exact optimiser did, and the time of it."""
    solution = optimum.solution
    return (
        f"{solution.labels:,} partial networks, widths up to {solution.widest:,}; by prices alone the bound is "
        f"{score_text(solution.dual_bound)}; {short_time(seconds)}"
    )


def effort_line(found: Searches) -> str:
    """Return the number of iterations, the outcomes of their candidates, and the time of the loop."""
    iterations = found.iterations
    reasons = ", ".join(f"{name} {count / iterations:.0%}" for name, count in found.rejected.most_common())
    seconds = max(outcome.seconds for outcome in found.outcomes)
    accepted_share = f"{found.accepted / iterations:.0%} accepted (rejected: {reasons or 'none'})"
    return f"{iterations:,} iterations, {accepted_share}, loop {short_time(seconds)}"
