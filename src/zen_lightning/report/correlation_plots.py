"""Plots of rank correlations, as PNG."""

from collections.abc import Sequence
from pathlib import Path

from zen_lightning.correlate.rank_correlation import Estimate, RankCorrelation
from zen_lightning.correlate.study import ProxyResult
from zen_lightning.proxy.base import ascending_ranks
from zen_lightning.report.figure import BLUE, GREY, RED, new_figure, save_figure

_CROWDED = 0.25
"""Share of the range below which the middle 80% of the scores are crowded."""


def plot_scatter(
    path: Path, proxy: str, scores: Sequence[float], accuracies: Sequence[float], column: str, correlation: RankCorrelation
) -> None:
    """Draw accuracy against score. Scores that a few extremes would crowd into a line are drawn by rank.

    The accuracies at the far low end, of networks that hardly learn, are drawn as triangles at the lower edge.

    Args:
        path: of the PNG.
        proxy: its label.
        scores: of each network.
        accuracies: likewise.
        column: what the accuracies are called.
        correlation: of the two, for the title.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = new_figure()
    by_rank = is_crowded(scores)
    shown = ascending_ranks(scores) if by_rank else list(scores)
    floor = _floor(accuracies)
    inside = [(x, y) for x, y in zip(shown, accuracies, strict=True) if y >= floor]
    below = [x for x, y in zip(shown, accuracies, strict=True) if y < floor]
    alpha, size = min(0.7, max(0.15, 300 / len(shown))), min(40.0, max(9.0, 2000 / len(shown)))
    axes.scatter(*zip(*inside, strict=True), s=size, color=BLUE, alpha=alpha, linewidths=0)
    if below:
        label = f"{len(below):,} below {floor:.3g}"
        axes.scatter(below, [floor] * len(below), s=2 * size, marker="v", color=RED, alpha=0.5, linewidths=0, label=label)
        axes.legend(loc="lower right", frameon=False)
    axes.set_xlabel(f"{proxy}, rank (best: {len(shown):,})" if by_rank else proxy)
    axes.set_ylabel(column)
    kendall, spearman = (_text(estimate) for estimate in (correlation.kendall, correlation.spearman))
    axes.set_title(f"Kendall {kendall}, Spearman {spearman}, {len(shown):,} networks", loc="left")
    save_figure(figure, path)


def plot_overview(path: Path, results: Sequence[ProxyResult], column: str) -> None:
    """Draw both correlations of each proxy as bars with their intervals, best above.

    Args:
        path: of the PNG.
        results: best first; those without a correlation are left out.
        column: what the accuracies are called.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    shown = [result for result in results if result.correlation.kendall is not None]
    figure, axes = new_figure(height=1.4 + 0.42 * max(3, len(shown)))
    for offset, name, color in ((-0.19, "Kendall", BLUE), (0.19, "Spearman", GREY)):
        found = [getattr(result.correlation, name.lower()) for result in shown]
        at = [row + offset for row in range(len(found))]
        axes.barh(at, [estimate.value for estimate in found], height=0.36, color=color, label=name)
        for row, estimate in zip(at, found, strict=True):
            if estimate.low is not None:
                axes.plot([estimate.low, estimate.high], [row, row], color="black", linewidth=1)
    axes.set_yticks(range(len(shown)), [result.label for result in shown])
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"rank correlation with {column}")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    save_figure(figure, path)


def is_crowded(values: Sequence[float]) -> bool:
    """Return whether the middle 80% of the values lie within a quarter of their range.

    Example:
        >>> is_crowded(range(100)), is_crowded([10.0**exponent for exponent in range(100)])
        (False, True)
    """
    ordered = sorted(values)
    margin = len(ordered) // 10
    middle = ordered[len(ordered) - 1 - margin] - ordered[margin]
    return middle < _CROWDED * (ordered[-1] - ordered[0])


def _floor(accuracies: Sequence[float]) -> float:
    """Return the accuracy from which on networks are drawn where they are: the lowest, or far below the middle 90%."""
    ordered = sorted(accuracies)
    low, high = ordered[len(ordered) // 20], ordered[-1]
    return max(ordered[0], low - (high - low) / 2)


def _text(estimate: Estimate | None) -> str:
    return "n/a" if estimate is None else str(estimate)
