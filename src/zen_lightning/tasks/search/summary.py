"""What searches did, as lines on the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

from zen_lightning.api.front_plan import ParetoResult
from zen_lightning.api.search_result import Searches, SearchResult
from zen_lightning.budget import FlopsLimit, ParamsLimit
from zen_lightning.proxy.base import Proxy
from zen_lightning.report.charts.networks import MOST, Point, evenly
from zen_lightning.report.terminal.wrapping import TOGETHER
from zen_lightning.runs.command_line import command_line, resume_override
from zen_lightning.system.numbers import megabytes, score_text, share_text, short_count, short_time

if TYPE_CHECKING:
    from zen_lightning.search.optimum import Optimum

_EPOCH_IMAGES = 50_000
"""Training images of CIFAR."""

_PASSES, _TRAINING_COST = 2, 3
"""Forward passes of a Monte-Carlo score, of an image and of the same image with noise; cost of a training step in forward
passes: the backward pass computes two convolutions for each of the forward pass."""

_FINALISTS = 3
"""Finalists of which one at least was scored by a process at work. A choice."""

_FLOAT_BYTES = 4
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
    solution, took = optimum.solution, short_time(seconds).replace(" ", TOGETHER)
    if not solution.finished:
        return f"{took}, without a complete proof"
    return (
        f"{solution.labels:,} partial networks, widths up to {solution.widest:,}; bound before their enumeration "
        f"{score_text(solution.dual_bound)}; {took}"
    )


def time_lines(found: Searches, folder: Path) -> list[str]:
    """Return that the limit on time ended the search, and what to do; nothing where it did not."""
    if not found.stopped_by_time or found.minutes is None:
        return []
    ended = f"search.minutes={found.minutes:g} ended the search"
    if isinstance(found, ParetoResult) and found.lines:
        return [f"{ended} before all limits were solved: every bound in front.csv holds, and more minutes give lower bounds"]
    if found.optimizer == "exact":
        is_bounded = getattr(found, "bound", None) is not None
        proved = "the bound holds, and more minutes narrow the gap" if is_bounded else "no bound is known yet; give it more"
        return [f"{ended} before the proof was complete: {proved}"]
    iterations = found.setup.iterations * len(found.outcomes)
    more = command_line([resume_override(folder), f"search.minutes={2 * found.minutes:g}"])
    return [f"{ended} after {found.iterations:,} of {iterations:,} iterations; to continue: {more.replace(' ', TOGETHER)}"]


def unlimited_lines(found: SearchResult, second: Proxy | None) -> list[str]:
    """Return what the answer costs of parameters and FLOPs where the budget limits only the other.

    Of FLOPs that is also the time of an epoch on this machine, from the forward passes of the second score.

    Args:
        found: what was found by the search.
        second: the proxy that scored the finalists again; None where none did.
    """
    limited = {limit.name for limit in found.setup.budget.limits}
    lines = []
    if ParamsLimit.name in limited and not limited & {FlopsLimit.name, "latency_ms"}:
        flops = found.counts[FlopsLimit.column]
        epoch = _epoch(found, second)
        takes = f"; an epoch of {_EPOCH_IMAGES:,} images takes about {_about(epoch)} here" if epoch else ""
        lines.append(f"params are limited, FLOPs are not: {short_count(flops)} an image{takes} (limit them by budget.flops=)")
    if FlopsLimit.name in limited and ParamsLimit.name not in limited:
        params = found.counts[ParamsLimit.column]
        size = megabytes(_FLOAT_BYTES * params)
        lines.append(
            f"FLOPs are limited, params are not: {short_count(params)}, {size} of weights (limit them by budget.params=)"
        )
    return lines


def _epoch(found: SearchResult, second: Proxy | None) -> float | None:
    """Return the seconds of an epoch of training the answer, from the forward passes that scored the finalists again."""
    if getattr(second, "name", "") != "zen" or len(found.finalists) < _FINALISTS:
        return None
    images = _PASSES * getattr(second, "repeats", 1) * getattr(second, "batch_size", 1)
    # The quickest for its FLOPs: the first one also waits for torch.
    paces = [one.seconds / found.costs(one.architecture)[FlopsLimit.column] for one in found.finalists if one.seconds]
    each = min(paces, default=0.0) * found.counts[FlopsLimit.column] / images
    return _EPOCH_IMAGES * _TRAINING_COST * each or None


def _about(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def effort_line(found: Searches) -> str:
    """Return the number of iterations, the outcomes of their candidates, and the time of the loop."""
    iterations = found.iterations
    reasons = ", ".join(f"{name} {share_text(count / iterations)}" for name, count in found.rejected.most_common())
    seconds = max(outcome.seconds for outcome in found.outcomes)
    accepted_share = f"{found.accepted / iterations:.0%} accepted" + (f" (rejected: {reasons})" if reasons else "")
    return f"{iterations:,} iterations, {accepted_share}, loop {short_time(seconds)}"
