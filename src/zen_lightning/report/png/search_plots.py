"""Plots of a search, as PNG. matplotlib is an extra."""

from collections.abc import Sequence
from pathlib import Path

from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure
from zen_lightning.search.run import SearchOutcome
from zen_lightning.system.numbers import score_text


def plot_search(path: Path, outcomes: Sequence[SearchOutcome], title: str) -> None:
    """Draw the best score and the population over the iterations.

    Args:
        path: of the PNG.
        outcomes: of one search or several; the best of several is drawn strong.
        title: above the plot.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = new_figure()
    winner = max(outcomes, key=lambda outcome: outcome.ranked[0].score)
    for outcome in outcomes:
        if outcome is not winner:
            rows = outcome.history
            axes.plot([row.iteration for row in rows], [row.best for row in rows], color=GREY, linewidth=0.8, alpha=0.7)
    rows = winner.history
    at = [row.iteration for row in rows]
    lowest, highest = [row.lowest for row in rows], [row.best for row in rows]
    axes.fill_between(at, lowest, highest, color=BLUE, alpha=0.15, label="population")
    axes.plot(at, [row.mean for row in rows], color=BLUE, linewidth=1, linestyle="--", label="population mean")
    axes.plot(at, highest, color=BLUE, linewidth=2, label=f"best: {score_text(highest[-1])}")
    axes.set_xscale("log")
    axes.set_xlabel("iteration")
    by_rank = bool(winner.ranked[0].parts)
    axes.set_ylabel("score by rank, each iteration within its own set" if by_rank else "score of the search")
    # The first candidates score far below all others, and would flatten the part to look at.
    settled = [row.lowest for row in rows if row.iteration >= at[-1] / 100]
    bottom, top = min(settled, default=lowest[0]), max(highest)
    margin = 0.05 * (top - bottom) or 1
    axes.set_ylim(bottom - margin, top + margin)
    axes.set_title(title, loc="left")
    axes.legend(loc="lower right", frameon=False)
    save_figure(figure, path)


def plot_cloud(path: Path, outcomes: Sequence[SearchOutcome], resolution: int, num_classes: int, limit: float | None) -> None:
    """Draw the scored candidates, score against FLOPs, with the answer marked.

    Args:
        path: of the PNG.
        outcomes: of one search or several.
        resolution: at which FLOPs are counted.
        num_classes: likewise.
        limit: the FLOPs budget, drawn as a line, or None.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = new_figure()
    points = [point for outcome in outcomes for point in outcome.cloud]
    flops = [point.architecture.flops(resolution, num_classes) / 1e6 for point in points]
    scores = [point.score for point in points]
    late = [point.iteration for point in points]
    drawn = axes.scatter(flops, scores, c=late, s=7, cmap="viridis", alpha=0.7, linewidths=0)
    figure.colorbar(drawn, label="iteration")
    best = max((outcome.ranked[0] for outcome in outcomes), key=lambda candidate: candidate.score)
    best_flops = best.architecture.flops(resolution, num_classes) / 1e6
    axes.scatter([best_flops], [best.score], marker="*", s=160, color=RED, zorder=3, label=f"best: {score_text(best.score)}")
    if limit is not None:
        axes.axvline(limit / 1e6, color=RED, linewidth=1, linestyle=":", label="budget")
    axes.set_xlabel(f"FLOPs (multiply-adds, million, {resolution} px)")
    axes.set_ylabel("score of the search")
    axes.set_title(f"{len(points):,} scored candidates", loc="left")
    axes.legend(loc="lower right", frameon=False)
    save_figure(figure, path)
