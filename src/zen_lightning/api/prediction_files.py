"""The files that predictions are kept in: a table, and a page with thumbnails."""

import os
from collections.abc import Iterable
from pathlib import Path

from zen_lightning.api.loading import Prediction
from zen_lightning.api.predicting import Predictions
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.files import write_text

PREDICTIONS = "predictions.csv"
UNREAD = "unread.csv"
PAGE = "predictions.html"


def write_predictions(folder: Path, found: Predictions, thumbnails: int = 500, title: str = "Predictions") -> None:
    """Write ``predictions.csv``, ``predictions.html``, and ``unread.csv`` where something could not be read.

    Args:
        folder: where they go.
        found: the predictions.
        thumbnails: how many images the page shows.
        title: the title of the page.
    """
    from zen_lightning.report.html.predictions import predictions_page

    count = max((len(one.prediction.classes) for one in found.images), default=1)
    columns = ["image", "class", "probability"]
    columns += [f"{name}_{number}" for number in range(2, count + 1) for name in ("class", "probability")]
    rows = [
        [shown(one.path), *(cell for pair in _pairs(one.prediction.classes, one.prediction.probabilities) for cell in pair)]
        for one in found.images
    ]
    write_csv(folder / PREDICTIONS, columns, rows)
    if found.unread:
        write_csv(folder / UNREAD, ["image", "reason"], [[shown(one.name), one.reason] for one in found.unread])
    else:
        (folder / UNREAD).unlink(missing_ok=True)
    listed = [(one.path, shown(one.path), list(_shares(one.prediction))) for one in found.images[:thumbnails]]
    unread = [(shown(one.name), one.reason) for one in found.unread]
    write_text(folder / PAGE, predictions_page(title, found.network.origin, listed, len(found.images), found.counts, unread))


def shown(name: str | Path) -> str:
    """Return a name as text that can be written: bytes that are no UTF-8 become a question mark in a diamond."""
    return os.fsencode(str(name)).decode("utf-8", "replace")


def _pairs(classes: tuple[str, ...], probabilities: tuple[float, ...]) -> list[tuple[str, str]]:
    return [(name, f"{share:.6f}") for name, share in zip(classes, probabilities, strict=True)]


def _shares(prediction: Prediction) -> Iterable[tuple[str, float]]:
    return zip(prediction.classes, prediction.probabilities, strict=True)
