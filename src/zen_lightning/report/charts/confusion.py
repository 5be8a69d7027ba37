"""Which classes a network takes for which: a matrix of a few classes, or the pairs that it confuses most of many."""

from collections.abc import Sequence

from zen_lightning.report.charts.axis import Axis, categories
from zen_lightning.report.charts.chart import Bars, Cell, Chart, Note, rows_height
from zen_lightning.system.numbers import shortened

MOST_CLASSES = 20
"""Classes of a matrix at most. A choice: a cell of 24 pixels still holds its count."""

_PAIRS = 20
"""Pairs that are drawn of many classes. A choice: a screen; all are in ``confused_pairs.csv``."""

_LONGEST, _LONGEST_PAIR = 18, 21
"""Characters of a name beside its row, and of each of the two names of a pair. A choice: half of the picture is left."""

_ROOM = 52
"""Characters across all columns of a matrix, at the size of tick labels: longer names give way to numbers."""

Pair = tuple[str, str, int, float]
"""The true class, the predicted one, how many images, and their share of the true class in percent."""


def confusion_chart(names: Sequence[str], matrix: Sequence[Sequence[int]] | None, pairs: Sequence[Pair]) -> Chart:
    """Return the confusion matrix, or the most confused pairs where there are more than 20 classes.

    Args:
        names: of the classes.
        matrix: counts, the true class first; None where there are too many.
        pairs: which classes are taken for which others, those of the most images first.
    """
    if matrix is not None and len(names) <= MOST_CLASSES:
        return _matrix(names, matrix)
    return _pairs(pairs)


def _matrix(names: Sequence[str], matrix: Sequence[Sequence[int]]) -> Chart:
    short = [shortened(name, _LONGEST) for name in names]
    fits = max(map(len, names)) <= _ROOM / len(names) - 1
    rows = short if fits else [f"{name}  {number}" for number, name in enumerate(short, 1)]
    columns = list(names) if fits else [str(number) for number in range(1, len(names) + 1)]
    cells = []
    for true, counts in enumerate(matrix):
        total = sum(counts)
        for predicted, count in enumerate(counts):
            share = count / total if total else None
            if share is not None:
                share *= 1 if true == predicted else -1  # Drawn in the colour of what is right, or of what is wrong.
            cells.append(Cell(predicted, true, share if count else 0.0, f"{count:,}" if count else ""))
    return Chart(
        "Confusion matrix",
        categories(columns, "predicted class", downwards=False),
        categories(rows, "true class"),
        cells,
        rows_height(len(names), 0.075, 0.3),
    )


def _pairs(pairs: Sequence[Pair]) -> Chart:
    shown = pairs[:_PAIRS]
    names = [
        f"{shortened(true, _LONGEST_PAIR)} \u2192 {shortened(predicted, _LONGEST_PAIR)}" for true, predicted, _, _ in shown
    ]
    most = max((count for _, _, count, _ in shown), default=1)
    bars = Bars([count for _, _, count, _ in shown], list(range(len(shown))), 0.7, "second")
    # A bar says its count and its share where it ends; the axis reaches further, to leave room.
    notes = [
        Note(count, row, f"{count:,} ({share:.0f}%)", "second", "beside") for row, (_, _, count, share) in enumerate(shown)
    ]
    return Chart(
        "Most confused classes, true \u2192 predicted",
        Axis(0, 1.25 * most, "images (share of the true class)", "{:.6g}".format),
        categories(names),
        [bars, *notes],
        rows_height(len(shown), 0.075, 0.3),
    )
