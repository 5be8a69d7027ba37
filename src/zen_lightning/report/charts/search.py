"""The course of a search over its iterations."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.report.charts.axis import Axis, spanning
from zen_lightning.report.charts.chart import Band, Chart, Line, Series
from zen_lightning.report.charts.networks import evenly
from zen_lightning.system.numbers import score_text, tick_text

_UNSETTLED = 0.03
"""Share of a search, from its beginning, that does not set the range of the chart. A choice: the first candidates score far
below all others, and would flatten the part to look at."""

_MOST = 400
"""Points of a line: a page has no more pixels."""


def search_curve(rows: Sequence[Mapping[str, Any]], title: str = "", by_rank: bool = False) -> Chart:
    """Return the best score, the mean and the range of the population over the iterations.

    Args:
        rows: the rows of ``history.csv``; of several restarts the best is drawn strong, of the others only the best scores.
        title: the title of the chart.
        by_rank: whether scores are ranks, each iteration within its own set.
    """
    restarts: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        restarts.setdefault(row["restart"], []).append(row)
    winner = max(restarts.values(), key=lambda found: float(found[-1]["best"]))
    last, begin = float(winner[-1]["iteration"]), max(1.0, min(float(row["iteration"]) for row in winner))
    settled = last * _UNSETTLED
    shown = [float(row["lowest"]) for row in winner if float(row["iteration"]) >= settled]
    shown += [float(row["best"]) for row in rows if float(row["iteration"]) >= settled]
    others = [_line(found, "best", "other") for found in restarts.values() if found is not winner]
    at, lowest, best = (_column(winner, name) for name in ("iteration", "lowest", "best"))
    series: list[Series] = [
        *others,
        Band(at, lowest, best, "band", "population"),
        _line(winner, "mean", "mean", "mean of the population"),
        _line(winner, "best", "best", f"best: {score_text(best[-1])}"),
    ]
    return Chart(
        title or f"Best score and population over {last:,.0f} iterations",
        Axis(begin, max(last, begin * 1.01), "iteration", tick_text, log=True),
        Axis(*spanning(shown), "score by rank, each iteration within its own set" if by_rank else "score of the search"),
        series,
    )


def _line(rows: Sequence[Mapping[str, Any]], column: str, style: str, label: str = "") -> Line:
    return Line(_column(rows, "iteration"), _column(rows, column), style, label)


def _column(rows: Sequence[Mapping[str, Any]], column: str) -> list[float]:
    return [float(row[column]) for row in evenly(rows, _MOST)]
