"""Measured and predicted latencies on the terminal."""

from collections.abc import Sequence

from zen_lightning.latency.measured import Measured
from zen_lightning.latency.predictor import Prediction
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.report.terminal.table import Table

Latency = tuple[str, int, Measured | None, Prediction | None]
"""Source, batch size, and what is known."""


def latency_table(rows: Sequence[Latency], settings: LatencySettings) -> Table:
    """Return a row for each network and batch size."""
    columns = ["network", "batch", "ms an image", "median", "spread", "passes", "images/s"]
    with_prediction = any(predicted is not None for *_, predicted in rows)
    if with_prediction:
        columns += ["predicted", "off by"]
    table = Table(f"Latency: {settings.summary(with_batch=False)}", columns)
    for source, size, measured, predicted in rows:
        cells = ["-"] * 5
        if measured is not None:
            doubt = "" if measured.trusted else " (!)"
            rate = 1000 / measured.milliseconds
            cells = [
                f"{measured.milliseconds:.4g}",
                f"{measured.median:.4g}",
                f"{measured.spread:.1%}{doubt}",
                f"{measured.repeats:,}",
                f"{rate:,.0f}",
            ]
        if with_prediction and predicted is not None:
            off = f"{predicted.milliseconds / measured.milliseconds - 1:+.1%}" if measured is not None else "-"
            cells += [f"{predicted.milliseconds:.4g} ± {predicted.uncertainty:.2g}", off]
        table.add(source, size, *cells)
    return table


def milliseconds_text(measured: Measured | None, predicted: Prediction | None) -> str:
    """Return a latency in a line."""
    parts = []
    if measured is not None:
        parts.append(f"{measured.milliseconds:.4g} ms an image (median {measured.median:.4g})")
    if predicted is not None:
        parts.append(f"predicted {predicted.milliseconds:.4g} ± {predicted.uncertainty:.2g} ms")
    return ", ".join(parts)
