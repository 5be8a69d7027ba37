"""The course of a training."""

from zen_lightning.report.charts.networks import evenly
from zen_lightning.report.charts.training import speed_curve, training_curves
from zen_lightning.report.html.markup import element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figure
from zen_lightning.report.html.tables import paragraph, table
from zen_lightning.report.speed import speed_cells
from zen_lightning.report.top5 import top5_tells
from zen_lightning.runs.run_folder import RunFolder

_ROWS = 60
"""Epochs in the table; of more, an even sample. A choice: the whole history is in ``history.csv``."""

_COLUMNS = {
    "epoch": ("epoch", "{:.0f}"),
    "lr": ("learning rate", "{:.3g}"),
    "train_loss": ("train loss", "{:.4f}"),
    "val_loss": ("validation loss", "{:.4f}"),
    "val_top1": ("top-1", "{:.2f}%"),
    "val_top5": ("top-5", "{:.2f}%"),
    "seconds": ("seconds", "{:.1f}"),
    "images_per_second": ("images/s", "{:,.0f}"),
    "data_wait": ("waits for data", "{:.1f}%"),
    "peak_memory_mb": ("peak memory, MB", "{:,.0f}"),
}
_SPEED = tuple(_COLUMNS)[-3:]
"""Columns that histories of earlier releases do not have."""


def training(run: RunFolder) -> Section | None:
    """Return the section on the epochs of a training; None for what is no training."""
    rows = run.table("history.csv")
    if not rows or "train_loss" not in rows[0]:
        return None
    charts = training_curves(rows)
    said = ["Cross entropy.", "Percent of the validation images."]
    figures = [figure(chart, text) for chart, text in zip(charts, said, strict=False)]
    if (speed := speed_curve(rows)) is not None:
        figures.append(figure(speed, _speed_said(run)))
    shown = evenly(rows, _ROWS)
    hidden = {"val_top5"} if not top5_tells(run.result.get("num_classes")) else set()
    hidden |= {key for key in _SPEED if not any(row.get(key) for row in rows)}
    columns = {key: how for key, how in _COLUMNS.items() if key not in hidden}
    cells = [[_cell(row.get(column), form) for column, (_, form) in columns.items()] for row in shown]
    everything = "All epochs" if len(rows) != 1 else "The only epoch"
    caption = everything if len(shown) == len(rows) else f"{len(shown)} of {len(rows):,} epochs, evenly spaced"
    listed = element(
        "details",
        element("summary", caption),
        table([name for name, _ in columns.values()], cells, caption, left=0),
        open=len(rows) <= 12,
    )
    stopped = run.result.get("stopped_early")
    told = paragraph(f"The training was {stopped}.") if stopped else None
    return Section("training", "The training", markup(told, element("div", figures, class_="pair"), listed))


def _speed_said(run: RunFolder) -> str:
    """Return the figures of the whole training, a sentence; of one that has not ended there are none yet."""
    whole = "; ".join(f"{name}: {value}" for name, value in speed_cells(run.result))
    said = "Training images per second over all processes, validation left out."
    return f"{said} The whole training: {whole}." if whole else said


def _cell(value: str | None, form: str) -> str:
    return form.format(float(value)) if value else ""
