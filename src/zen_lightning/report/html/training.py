"""The course of a training."""

from zen_lightning.report.html.chart import figure
from zen_lightning.report.html.curves import accuracy_curve, loss_curve
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.points import evenly
from zen_lightning.report.html.tables import table
from zen_lightning.runs.run_folder import RunFolder, number

_ROWS = 60
_COLUMNS = {
    "epoch": ("epoch", "{:.0f}"),
    "lr": ("learning rate", "{:.3g}"),
    "train_loss": ("train loss", "{:.4f}"),
    "val_loss": ("validation loss", "{:.4f}"),
    "val_top1": ("top-1", "{:.2f}%"),
    "val_top5": ("top-5", "{:.2f}%"),
    "seconds": ("seconds", "{:.1f}"),
}


def training(run: RunFolder) -> Section | None:
    """Return the section on the epochs of a training; None for what is no training."""
    rows = run.table("history.csv")
    if not rows or "train_loss" not in rows[0]:
        return None
    figures: list[Content] = [
        figure(loss_curve(rows), "Cross entropy.", [("mean", "training"), ("best", "validation")]),
    ]
    validated = [row for row in rows if number(row, "val_top1") is not None]
    if validated:
        best = max(validated, key=lambda row: float(row["val_top1"]))
        said = f"Best: {float(best['val_top1']):.2f}% in epoch {best['epoch']}."
        figures.append(figure(accuracy_curve(rows), said, [("best", "validation top-1"), ("star", "best")]))
    shown = evenly(rows, _ROWS)
    cells = [[_cell(row.get(column), form) for column, (_, form) in _COLUMNS.items()] for row in shown]
    caption = f"All {len(rows)} epochs" if len(shown) == len(rows) else f"{len(shown)} of {len(rows):,} epochs, evenly spaced"
    listed = element(
        "details",
        element("summary", caption),
        table([name for name, _ in _COLUMNS.values()], cells, caption, left=0),
        open=len(rows) <= 12,
    )
    return Section("training", "The training", markup(element("div", figures, class_="pair"), listed))


def _cell(value: str | None, form: str) -> str:
    return form.format(float(value)) if value else ""
