"""Plots of rank correlations, as PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.study import Findings, ProxyResult
from zen_lightning.proxy.base import ascending_ranks
from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure
from zen_lightning.system.numbers import short_count

_BARS = 0.76
"""Share of a row's height that its bars take."""

_LEAST_ALPHA = 0.4
"""Of coloured points: paler ones would show no colour."""

_LARGE = 1e5
"""Scores from here on are counts, which are written as 600M."""

_COLOURS = (BLUE, RED, GREY)

_CROWDED = 0.25
"""Share of the range below which the middle 80% of the scores are crowded."""


def plot_scatter(
    path: Path,
    proxy: str,
    scores: Sequence[float | None],
    accuracies: Sequence[float],
    column: str,
    findings: Findings,
    shade: tuple[str, Sequence[float]] | None = None,
) -> None:
    """Draw accuracy against score. Scores that a few extremes would crowd into a line are drawn by rank.

    The accuracies at the far low end, of networks that hardly learn, are drawn as triangles at the lower edge. With a cost as
    shade one sees whether a score ranks networks of one cost, or the costs themselves.

    Args:
        path: of the PNG.
        proxy: its label.
        scores: of each network; those without one are left out.
        accuracies: likewise.
        column: what the accuracies are called.
        findings: for the title.
        shade: name of a cost and the costs, which colour the networks.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = new_figure()
    scored = [index for index, score in enumerate(scores) if score is not None]
    values = [score for score in scores if score is not None]
    by_rank = is_crowded(values)
    shown = ascending_ranks(values) if by_rank else values
    points = [(x, accuracies[index], index) for x, index in zip(shown, scored, strict=True)]
    floor = _floor([y for _, y, _ in points])
    inside = [point for point in points if point[1] >= floor]
    below = [x for x, y, _ in points if y < floor]
    alpha, size = min(0.7, max(0.15, 300 / len(shown))), min(40.0, max(9.0, 2000 / len(shown)))
    colour: dict[str, Any] = {"color": BLUE}
    if shade is not None:
        colour = {"c": [shade[1][index] for _, _, index in inside], "cmap": "viridis"}
        alpha = max(alpha, _LEAST_ALPHA)
    drawn = axes.scatter([x for x, _, _ in inside], [y for _, y, _ in inside], s=size, alpha=alpha, linewidths=0, **colour)
    if shade is not None:
        figure.colorbar(drawn, ax=axes, label=shade[0], format=lambda value, _: short_count(value))
    if below:
        label = f"{len(below):,} below {floor:.3g}"
        axes.plot(below, [floor] * len(below), "v", color=RED, alpha=0.5, markeredgewidth=0, label=label)
        axes.legend(loc="lower right", frameon=False)
    axes.set_xlabel(f"{proxy}, rank (best: {len(shown):,})" if by_rank else proxy)
    if max(map(abs, shown), default=0) >= _LARGE:
        axes.xaxis.set_major_formatter(lambda value, _: short_count(value))
    axes.set_ylabel(column)
    axes.set_title(_title(findings, len(shown)), loc="left", fontsize="medium")
    save_figure(figure, path)


def plot_overview(path: Path, results: Sequence[ProxyResult], column: str) -> None:
    """Draw Kendall's tau of each proxy as bars with their intervals, best above: over all networks, and at equal cost.

    Without bands, Spearman's rho stands in their place.

    Args:
        path: of the PNG.
        results: best first; those without a correlation are left out.
        column: what the accuracies are called.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    shown = [result for result in results if result.correlation.kendall is not None]
    figure, axes = new_figure(height=1.4 + 0.42 * max(3, len(shown)))
    series = _series(shown)
    height = _BARS / max(1, len(series))
    for number, (name, found) in enumerate(series):
        at = [row + (number - (len(series) - 1) / 2) * height for row in range(len(found))]
        widths = [0.0 if estimate is None else estimate.value for estimate in found]
        axes.barh(at, widths, height=0.95 * height, color=_COLOURS[number % len(_COLOURS)], label=name)
        for row, estimate in zip(at, found, strict=True):
            if estimate is not None and estimate.low is not None:
                axes.plot([estimate.low, estimate.high], [row, row], color="black", linewidth=1)
    axes.set_yticks(range(len(shown)), [result.label for result in shown])
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"rank correlation with {column}")
    if series:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)
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


def _series(results: Sequence[ProxyResult]) -> list[tuple[str, list[Estimate | None]]]:
    """Return the names of the bars of a proxy, and the values of all proxies."""
    if not results:
        return []
    series = [("Kendall, all networks", [result.correlation.kendall for result in results])]
    bands = [found.band for found in results[0].findings.within]
    for number, band in enumerate(bands):
        series.append((f"Kendall, {band}", [result.findings.within[number].kendall for result in results]))
    return series if bands else [*series, ("Spearman", [result.correlation.spearman for result in results])]


def _title(findings: Findings, networks: int) -> str:
    overall = findings.overall
    parts = [f"Kendall {_text(overall.kendall)}"]
    parts += [f"{found.band}: {_text(found.kendall)}" for found in findings.within[:1]]
    parts += [] if findings.within else [f"Spearman {_text(overall.spearman)}"]
    return ", ".join([*parts, f"{networks:,} networks"])


def _floor(accuracies: Sequence[float]) -> float:
    """Return the accuracy below which networks are clipped to the lower edge: the lowest, or one far below the middle 90%."""
    ordered = sorted(accuracies)
    low, high = ordered[len(ordered) // 20], ordered[-1]
    return max(ordered[0], low - (high - low) / 2)


def _text(estimate: Estimate | None) -> str:
    return "n/a" if estimate is None else str(estimate)
