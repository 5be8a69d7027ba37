"""How long networks take: a row for each network and batch size."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.report.charts.axis import Axis, categories, spanning
from zen_lightning.report.charts.chart import Chart, Points, Series, Spans, rows_height
from zen_lightning.system.numbers import shortened

_LONGEST = 40
"""Characters of a name beside the axis. A choice: half of the chart is left for what it shows."""


class Latency(NamedTuple):
    """What is known of a network at a batch size, in milliseconds for one image.

    Attributes:
        source: the network as it was named.
        batch_size: images a pass.
        milliseconds: the lower quartile of the measurements, which is the latency; None where none were made.
        median: their median.
        high: their upper quartile.
        predicted: by a profile; None without one.
    """

    source: str
    batch_size: int
    milliseconds: float | None
    median: float | None
    high: float | None
    predicted: float | None


def latency_chart(rows: Sequence[Latency], title: str) -> Chart:
    """Return a chart of latencies: the latency, with median and upper quartile, which say how steady it was; the prediction.

    Args:
        rows: first above.
        title: the title of the chart.
    """
    measured = [(at, one.milliseconds, one.median, one.high) for at, one in enumerate(rows) if one.milliseconds is not None]
    told = [(one.predicted, at) for at, one in enumerate(rows) if one.predicted is not None]
    series: list[Series] = []
    ends: list[float] = [0.0]
    if measured:
        places = [at for at, *_ in measured]
        lows, highs = [low for _, low, *_ in measured], [high or low for _, low, _, high in measured]
        series += [
            Spans(lows, highs, places, "deviation"),
            Points([median or low for _, low, median, _ in measured], places, "single"),
            Points(lows, places, "average", "measured" if told else ""),
        ]
        ends += highs
    if told:
        series.append(Points([value for value, _ in told], [at for _, at in told], "published", "predicted"))
        ends += [value for value, _ in told]
    several = len({one.source for one in rows}) > 1
    names = [f"{shortened(one.source, _LONGEST)}, {one.batch_size}" if several else str(one.batch_size) for one in rows]
    labels = categories(names, "network, batch size" if several else "batch size")
    return Chart(title, Axis(*spanning(ends), "ms an image"), labels, series, rows_height(len(rows)), "above")
