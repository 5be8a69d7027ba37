"""How proxies rank networks: their correlations as bars, and accuracy against the score of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zen_lightning.proxy.base import ascending_ranks
from zen_lightning.report.charts.axis import Axis, categories, spanning
from zen_lightning.report.charts.chart import Bars, Chart, Mark, Points, Series, Shades, Spans, rows_height
from zen_lightning.report.charts.networks import Point
from zen_lightning.system.numbers import shortened, tick_text

if TYPE_CHECKING:
    from zen_lightning.correlate.study import Findings, ProxyResult

Interval = tuple[float, float | None, float | None]
"""A value with the ends of its interval, or None: an :class:`~zen_lightning.correlate.bootstrap.Estimate` is one."""

_BARS = 0.76
"""Share of a row's height that its bars take. A choice: a gap remains between rows."""

_LARGE = 1e5
"""Scores from this value up are written like counts, as 600M. A choice: parameters and FLOPs are larger, others smaller."""

_CROWDED = 0.25
"""Share of the range below which the middle 80% of the scores are crowded. A choice."""

_STYLES = ("kept", "second", "tried")


def correlation_bars(proxies: Sequence[str], series: Sequence[tuple[str, Sequence[Interval | None]]], column: str) -> Chart:
    """Return the correlations of each proxy as bars with their intervals.

    Args:
        proxies: labels, best first.
        series: name of a correlation, and its value for each of the proxies.
        column: what the accuracies are called.
    """
    height = _BARS / max(1, len(series))
    drawn: list[Series] = [Mark(0.0, "zero")]
    ends = [0.0]
    for number, (name, found) in enumerate(series):
        at = [row + (number - (len(series) - 1) / 2) * height for row in range(len(found))]
        known = [(one, row) for one, row in zip(found, at, strict=True) if one is not None]
        drawn.append(Bars([one[0] for one, _ in known], [row for _, row in known], 0.92 * height, _STYLES[number % 3], name))
        spans = [(low, high, row) for (_, low, high), row in known if low is not None and high is not None]
        lows, highs, rows = zip(*spans, strict=True) if spans else ((), (), ())
        drawn.append(Spans(lows, highs, rows))
        ends += [end for one, _ in known for end in one if end is not None]
    x = Axis(*spanning(ends), f"rank correlation with {column}")
    names = categories([shortened(name, 22) for name in proxies])
    return Chart(f"Rank correlations of {len(proxies)} proxies", x, names, drawn, rows_height(len(proxies), 0.09), "above")


def study_bars(results: Sequence["ProxyResult"], column: str) -> Chart:
    """Return the correlations of a study as bars: Kendall's tau over all networks and at equal cost, or Spearman's rho.

    Args:
        results: best first; those without a correlation are left out.
        column: what the accuracies are called.
    """
    shown = [result for result in results if result.correlation.kendall is not None]
    series: list[tuple[str, list[Interval | None]]] = [
        ("Kendall, all networks", [result.correlation.kendall for result in shown])
    ]
    bands = [found.band for found in shown[0].findings.within] if shown else []
    for at, band in enumerate(bands):
        series.append((f"Kendall, {band}", [result.findings.within[at].kendall for result in shown]))
    if not bands:
        series.append(("Spearman", [result.correlation.spearman for result in shown]))
    return correlation_bars([result.label for result in shown], series, column)


def scatter_title(findings: "Findings") -> str:
    """Return the correlations of a proxy as one line."""
    overall = findings.overall
    parts = [
        f"Kendall {overall.kendall or 'n/a'}",
        *(f"{found.band}: {found.kendall or 'n/a'}" for found in findings.within[:1]),
    ]
    parts += [] if findings.within else [f"Spearman {overall.spearman or 'n/a'}"]
    return ", ".join([*parts, f"{overall.networks:,} networks"])


def rank_scatter(
    proxy: str,
    scores: Sequence[float | None],
    accuracies: Sequence[float],
    column: str,
    title: str,
    shades: tuple[str, Sequence[float]] | None = None,
    networks: Sequence[Point] = (),
) -> Chart:
    """Return accuracy against score. Scores that a few extremes would crowd into a line are drawn by rank.

    The accuracies at the far low end, of networks that hardly learn, are drawn at the lower edge. With a cost as shade it shows
    whether a score ranks networks of one cost, or the costs themselves.

    Args:
        proxy: its label.
        scores: the scores of each network, one at least; those without one are left out.
        accuracies: likewise.
        column: what the accuracies are called.
        title: the title of the chart.
        shades: name of a cost and the costs, which colour the networks.
        networks: what each is, for the tooltips of a page.
    """
    scored = [index for index, score in enumerate(scores) if score is not None]
    values = [score for score in scores if score is not None]
    by_rank = is_crowded(values)
    shown = ascending_ranks(values) if by_rank else values
    floor = _floor([accuracies[index] for index in scored])
    series: list[Points] = []
    for below, style in ((False, "network"), (True, "low")):
        chosen = [(x, at) for x, at in zip(shown, scored, strict=True) if (accuracies[at] < floor) == below]
        series.append(
            Points(
                [x for x, _ in chosen],
                [max(accuracies[at], floor) for _, at in chosen],
                style,
                f"{len(chosen):,} below {floor:.3g}" if below else "networks",
                Shades(shades[0], [shades[1][at] for _, at in chosen]) if shades is not None and not below else None,
                [networks[at] for _, at in chosen] if networks else (),
            )
        )
    text = tick_text if max(map(abs, shown)) >= _LARGE else "{:.6g}".format
    x = Axis(*spanning(shown), f"{proxy}, rank (best: {len(shown):,})" if by_rank else proxy, text)
    y = Axis(*spanning(max(accuracies[at], floor) for at in scored), column)
    return Chart(title, x, y, series if series[1].xs else series[:1])


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
    """Return the accuracy below which networks are clipped to the lower edge: the lowest, or one far below the middle 90%."""
    ordered = sorted(accuracies)
    low, high = ordered[len(ordered) // 20], ordered[-1]
    return max(ordered[0], low - (high - low) / 2)
