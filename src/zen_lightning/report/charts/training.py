"""The course of a training over its epochs."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.report.charts.axis import Axis, spanning
from zen_lightning.report.charts.chart import Chart, Line, Points, Series
from zen_lightning.report.charts.networks import evenly
from zen_lightning.runs.run_folder import number

_MOST = 400
"""Points of a line: a page has no more pixels."""

_HEIGHT = 0.7
"""Height of the chart of losses, in usual heights. A choice: two charts fit on a screen."""


def training_curves(rows: Sequence[Mapping[str, Any]]) -> list[Chart]:
    """Return the losses over the epochs, and the accuracy where there was a validation.

    Args:
        rows: the rows of ``history.csv``: ``epoch``, ``train_loss`` and, where it was validated, ``val_loss`` and ``val_top1``.
    """
    validated = _known(rows, "val_top1")
    return [_loss(rows), *([_accuracy(rows, validated)] if validated else [])]


def speed_curve(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return the images per second over the epochs; None where no row has them, as in a history of an earlier release."""
    rates = _known(rows, "images_per_second")
    if not rates:
        return None
    high = 1.1 * max(rate for _, rate in rates)
    y = Axis(0.0, max(high, 1e-9), "images per second", "{:,.6g}".format)
    return Chart("Images per second over the epochs", _epochs(rows), y, _course(rates, "best", "training"), _HEIGHT)


def _loss(rows: Sequence[Mapping[str, Any]]) -> Chart:
    train, validated = _known(rows, "train_loss"), _known(rows, "val_loss")
    # The first validations may lie far above all others, and would flatten the part to look at.
    ordered = sorted(value for _, value in validated)
    typical = ordered[len(ordered) * 3 // 4] if ordered else 0.0
    top = 1.1 * max([typical, *(value for _, value in train)], default=1.0)
    series = [*_course(train, "mean", "training"), *_course(validated, "best", "validation")]
    return Chart("Loss over the epochs", _epochs(rows), Axis(0.0, max(top, 1e-9), "loss"), series, _HEIGHT, "upper right")


def _accuracy(rows: Sequence[Mapping[str, Any]], validated: Sequence[tuple[float, float]]) -> Chart:
    epoch, top1 = max(validated, key=lambda pair: pair[1])
    star = Points([epoch], [top1], "star", f"best: {top1:.2f}%, epoch {epoch:.0f}")
    series = [*_course(validated, "best", "validation top-1"), star]
    y = Axis(*spanning([value for _, value in validated], 0.08, percent=True), "validation top-1, percent")
    return Chart("Validation top-1 over the epochs", _epochs(rows), y, series, _HEIGHT)


def _known(rows: Sequence[Mapping[str, Any]], column: str) -> list[tuple[float, float]]:
    values = [(float(row["epoch"]), number(row, column)) for row in rows]
    return [(epoch, value) for epoch, value in values if value is not None]


def _epochs(rows: Sequence[Mapping[str, Any]]) -> Axis:
    first, last = float(rows[0]["epoch"]), float(rows[-1]["epoch"])
    if first == last:
        first, last = first - 1, last + 1
    return Axis(first, last, "epoch", lambda value: f"{value:g}" if value.is_integer() else "")


def _course(pairs: Sequence[tuple[float, float]], style: str, label: str) -> list[Series]:
    """Return a line, or points for what is too short for one."""
    if not pairs:
        return []
    xs, ys = zip(*evenly(pairs, _MOST), strict=True)
    return [Points(xs, ys, "kept" if style == "best" else "tried", label) if len(pairs) < 3 else Line(xs, ys, style, label)]
