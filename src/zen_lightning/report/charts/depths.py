"""What each limit on layers gives."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.report.charts.axis import Axis, spanning
from zen_lightning.report.charts.chart import Chart, Line, Mark, Note, Points, Series


def depth_charts(rows: Sequence[Mapping[str, Any]], proxy: str) -> list[Chart]:
    """Return the best score and the calibrated score under each limit on layers.

    Args:
        rows: the rows of ``depths.csv``; of equal calibrated scores the first was chosen, as the search does.
        proxy: name of the search's score.
    """
    limits = [float(row["limit"]) for row in rows]
    scores, calibrated = ([float(row[name]) for row in rows] for name in ("score", "calibrated"))
    best = max(calibrated)
    chosen = limits[calibrated.index(best)]
    end: list[Series] = [Points([chosen], [best], "star"), Note(chosen, best, f"chosen: {chosen:.0f}", "answer", "right")]
    title = "The best network of a short search under each limit on layers"
    x = Axis(*spanning(limits, 0.04), "layers, at most", "{:.0f}".format, at=limits)
    return [
        Chart(title, x, Axis(*spanning(values, 0.08), name), [*_line(limits, values), Mark(chosen), *more], 0.6)
        for name, values, more in ((proxy, scores, []), ("calibrated score", calibrated, end))
    ]


def _line(limits: Sequence[float], values: Sequence[float]) -> list[Series]:
    return [Line(limits, values, "best"), Points(limits, values, "complete")]
