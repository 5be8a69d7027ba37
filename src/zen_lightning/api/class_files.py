"""Writes what a validation says of each class: tables as CSV, and pictures where matplotlib is there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError
from zen_lightning.runs.class_files import (
    BIN_COLUMNS,
    CALIBRATION,
    CALIBRATION_PICTURE,
    CONFUSED_PAIRS,
    CONFUSION,
    CONFUSION_PICTURE,
    NO_IMAGES,
    PAIR_COLUMNS,
    PER_CLASS,
    PER_CLASS_COLUMNS,
)
from zen_lightning.system.csv_files import write_csv
from zen_lightning.training.validation_details import ClassAccuracy, ValidationDetails, without_images, worst_classes

_WORST = 5
"""Classes that ``result.json`` names. A choice; all are in ``per_class.csv``."""


def write_class_tables(folder: Path, details: ValidationDetails, names: Sequence[str]) -> None:
    """Write ``per_class.csv``, ``confusion.csv``, ``confused_pairs.csv`` and ``calibration.csv``.

    Args:
        folder: where they go.
        details: the counts of the validation.
        names: of the classes, in the order of the labels.
    """
    write_csv(folder / PER_CLASS, PER_CLASS_COLUMNS, map(_class_row, details.classes(names)))
    matrix = ([name, *row] for name, row in zip(names, details.confusion.tolist(), strict=True))
    write_csv(folder / CONFUSION, ["true \\ predicted", *names], matrix)
    pairs = ([one.true, one.predicted, one.images, f"{one.share:.4f}"] for one in details.confused(names))
    write_csv(folder / CONFUSED_PAIRS, PAIR_COLUMNS, pairs)
    bins = ([f"{b.low:.6f}", f"{b.high:.6f}", b.images, _fraction(b.confidence), _fraction(b.accuracy)] for b in details.bins)
    write_csv(folder / CALIBRATION, BIN_COLUMNS, bins)


def draw_classes(folder: Path, details: ValidationDetails, names: Sequence[str], title: str) -> None:
    """Write ``confusion.png`` and ``calibration.png``.

    Args:
        folder: where they go.
        details: the counts of the validation.
        names: of the classes, in the order of the labels.
        title: what network on what images.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    from zen_lightning.report import png
    from zen_lightning.report.charts.calibration import reliability_charts
    from zen_lightning.report.charts.confusion import MOST_CLASSES, confusion_chart

    pairs = [(one.true, one.predicted, one.images, one.share) for one in details.confused(names)]
    chart = confusion_chart(names, details.confusion.tolist() if len(names) <= MOST_CLASSES else None, pairs)
    png.draw(folder / CONFUSION_PICTURE, [chart], f"{chart.title}: {title}")
    bins = [(one.low, one.high, one.images, one.confidence, one.accuracy) for one in details.bins]
    png.draw(
        folder / CALIBRATION_PICTURE, reliability_charts(bins), f"Calibration error {details.calibration_error:.2f}%: {title}"
    )


def write_class_files(folder: Path, details: ValidationDetails | None, names: Sequence[str], title: str) -> None:
    """Write the tables and, where matplotlib is there, the pictures; nothing where nothing was validated."""
    if details is None or not details.images:
        return
    write_class_tables(folder, details, names)
    try:
        draw_classes(folder, details, names, title)
    except MissingExtraError as error:
        print(f"no picture of the classes: {error}")


def class_content(details: ValidationDetails | None, names: Sequence[str]) -> dict[str, Any]:
    """Return what ``result.json`` says of the classes and of the calibration; nothing where nothing was validated."""
    if details is None or not details.images:
        return {}
    found = details.classes(names)
    mean = details.mean_class_top1
    return {
        "mean_class_top1": None if mean is None else round(mean, 4),
        "calibration_error": round(details.calibration_error, 4),
        "worst_classes": [
            {"class": one.name, "images": one.images, "top1": round(one.top1 or 0.0, 4), "taken_for": one.taken_for}
            for one in worst_classes(found, _WORST)
        ],
        "classes_without_images": without_images(found),
    }


def _class_row(one: ClassAccuracy) -> list[Any]:
    top1, precision = ("" if share is None else f"{share:.4f}" for share in (one.top1, one.precision))
    note = "" if one.images else NO_IMAGES
    return [one.name, one.images, one.correct, top1, one.predicted, precision, one.taken_for or "", one.taken_for_images, note]


def _fraction(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
