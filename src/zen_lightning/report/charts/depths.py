"""What each limit on layers gives."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.report.charts.axis import Axis, spanning
from zen_lightning.report.charts.chart import Chart, Line, Mark, Note, Points, Series


def judged_by(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the column that chose among the rows of ``depths.csv``: ``trained`` where all were trained, else ``calibrated``.

    Example:
        >>> judged_by([{"calibrated": "61.2", "trained": ""}]), judged_by([{"calibrated": "61.2", "trained": "71.5"}])
        ('calibrated', 'trained')
    """
    return "trained" if all(row.get("trained") not in (None, "") for row in rows) else "calibrated"


def chosen_row(rows: Sequence[Mapping[str, Any]]) -> int:
    """Return the index of the row that was chosen: of equals the first, which has fewest layers."""
    values = [float(row[judged_by(rows)]) for row in rows]
    return values.index(max(values))


def depth_charts(rows: Sequence[Mapping[str, Any]], proxy: str) -> list[Chart]:
    """Return the best score, the calibrated score and, where networks were trained, their accuracy under each limit on layers.

    Args:
        rows: the rows of ``depths.csv``.
        proxy: name of the search's score.
    """
    limits, judge = [float(row["limit"]) for row in rows], judged_by(rows)
    shown = [("score", proxy), ("calibrated", "calibrated score")]
    if judge == "trained":
        shown.append(("trained", "top-1 of a short training, %"))
    chosen = limits[chosen_row(rows)]
    title = "The best network that was found under each limit on layers"
    x = Axis(*spanning(limits, 0.04), "layers, at most", "{:.0f}".format, at=limits)
    charts = []
    for column, name in shown:
        values = [float(row[column]) for row in rows]
        best = values[limits.index(chosen)]
        end: list[Series] = [Points([chosen], [best], "star"), Note(chosen, best, f"chosen: {chosen:.0f}", "answer", "right")]
        series = [*_line(limits, values), Mark(chosen), *(end if column == judge else [])]
        charts.append(Chart(title, x, Axis(*spanning(values, 0.08), name), series, 0.6))
    return charts


def _line(limits: Sequence[float], values: Sequence[float]) -> list[Series]:
    return [Line(limits, values, "best"), Points(limits, values, "complete")]
