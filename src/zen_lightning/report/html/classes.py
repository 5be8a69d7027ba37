"""What a network makes of each class, which it confuses, and how far its probabilities can be believed."""

import math
from collections.abc import Sequence

from zen_lightning.report.charts.calibration import Bin, reliability_charts
from zen_lightning.report.charts.confusion import Pair
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figures
from zen_lightning.report.html.tables import bar, paragraph, table, tiles
from zen_lightning.runs.class_files import CALIBRATION, CONFUSED_PAIRS, CONFUSION, NO_IMAGES, PER_CLASS
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.csv_files import read_csv
from zen_lightning.system.numbers import first_names, megabytes, shortened

_ROWS = 1000
"""Rows of a table on a page. A choice: the classes of ImageNet; more are in the CSV file."""

_PAIRS = 200

_MATRIX = 50
"""Classes of a matrix on a page, where it scrolls, at most. A choice: 2,500 cells are 200 kB."""

_LONGEST = 22
"""Characters of a name in the headings of a matrix; longer ones lose their middle, as names often differ at their ends."""

_LEVELS = 5
"""Shades of a cell: the classes ``level1`` to ``level5`` of ``report.css``."""

_PRECISION = (
    "Top-1: share of a class's images that are classified as it. "
    "Precision: share of the images classified as it that are right."
)


def classes(run: RunFolder) -> list[Section]:
    """Return the sections on the classes, on those that are confused, and on the calibration; none without their files."""
    rows = run.table(PER_CLASS)
    if not rows:
        return []
    return [_classes(run, rows), *_confusion(run, rows), *_calibration(run)]


def _classes(run: RunFolder, rows: Sequence[Row]) -> Section:
    has = [row for row in rows if row["top1"]]
    ordered = [*sorted(has, key=lambda row: float(row["top1"])), *(row for row in rows if not row["top1"])]
    cells: list[list[Content]] = [
        [
            row["class"],
            bar(float(row["top1"]) / 100, f"{float(row['top1']):.2f}%") if row["top1"] else NO_IMAGES,
            f"{int(row['images']):,}",
            f"{float(row['precision']):.2f}%" if row["precision"] else "",
            f"{row['taken_for']} ({int(row['taken_for_images']):,})" if row["taken_for"] else "",
        ]
        for row in ordered[:_ROWS]
    ]
    count = f"The {_ROWS:,} worst of {len(rows):,} classes" if len(rows) > _ROWS else f"{len(rows):,} classes, the worst first"
    columns = ["class", "top-1", "images", "precision", "most often mistaken for"]
    listed = table(columns, cells, count, sortable=True, tall=True)
    missing = [row["class"] for row in rows if row["note"] == NO_IMAGES]
    said = markup(tiles(_facts(run, has)), _missing(missing), paragraph(_PRECISION))
    return Section("classes", "The classes", markup(said, listed))


def _facts(run: RunFolder, rows: Sequence[Row]) -> list[tuple[str, Content]]:
    found: list[tuple[str, Content]] = []
    mean, pace, memory = (number(run.result, key) for key in ("mean_class_top1", "images_per_second", "peak_memory"))
    if mean is not None:
        found.append(("mean top-1 of the classes", f"{mean:.2f}%"))
    if rows:
        found.append(("worst class", f"{min(float(row['top1']) for row in rows):.2f}%"))
    if pace is not None and run.task == "evaluate":  # That of a training is not how fast it validates.
        found.append(("images/s", f"{pace:,.0f}"))
    if memory is not None:
        found.append(("peak memory", megabytes(memory)))
    return found


def _missing(names: Sequence[str]) -> Content:
    if not names:
        return None
    named = first_names(names, 20)
    return paragraph(f"No validation images, and so no accuracy, of {named}. They are left out of all means.")


def _confusion(run: RunFolder, rows: Sequence[Row]) -> list[Section]:
    pairs: list[Pair] = [
        (row["true"], row["predicted"], int(row["images"]), float(row["share"])) for row in run.table(CONFUSED_PAIRS)
    ]
    names = [row["class"] for row in rows]
    matrix = None
    if len(names) <= _MATRIX and (run.path / CONFUSION).is_file():
        # By position: two classes may have one name.
        matrix = [[int(count) for count in row[1:]] for row in read_csv(run.path / CONFUSION, "run it again").rows]
    if matrix is None and not pairs:
        return []
    body: list[Content] = [] if matrix is None else [_matrix(names, matrix)]
    if pairs:
        shown: list[list[Content]] = [
            [true, predicted, f"{count:,}", bar(share / 100, f"{share:.1f}%")]
            for true, predicted, count, share in pairs[:_PAIRS]
        ]
        count = f"The {_PAIRS:,} most frequent of {len(pairs):,} confusions" if len(pairs) > _PAIRS else "All confusions"
        columns = ["class", "taken for", "images", "share of the class"]
        body.append(table(columns, shown, count, left=2, sortable=True, tall=True))
    return [Section("confusion", "Confused classes", markup(*body))]


def _matrix(names: Sequence[str], matrix: Sequence[Sequence[int]]) -> Content:
    """Return the matrix as a table: its headings stand upright, and it scrolls where it is wider than the page."""
    short = [shortened(name, _LONGEST) for name in names]
    head = [element("th", element("span", name), scope="col", title=full) for name, full in zip(short, names, strict=True)]
    rows = []
    for true, counts in enumerate(matrix):
        total = sum(counts)
        cells = [_cell(names, true, predicted, count, total) for predicted, count in enumerate(counts)]
        rows.append(element("tr", element("th", short[true], scope="row", title=names[true]), cells))
    caption = "Rows: the true class. Columns: the predicted class. Colour: share of the row"
    corner = element("td")
    listed = element("table", element("thead", element("tr", corner, head)), element("tbody", rows), class_="matrix")
    frame = element("div", listed, class_="scroll", tabindex=0, role="region", aria_label="Confusion matrix")
    return markup(paragraph(caption), frame)


def _cell(names: Sequence[str], true: int, predicted: int, count: int, total: int) -> Markup:
    if not count:
        return element("td")
    level = math.ceil(_LEVELS * count / total)
    said = f"{names[true]}, taken for {names[predicted]}: {count:,} of {total:,}"
    return element("td", f"{count:,}", class_=f"{'right' if true == predicted else 'wrong'} level{level}", title=said)


def _calibration(run: RunFolder) -> list[Section]:
    rows, error = run.table(CALIBRATION), number(run.result, "calibration_error")
    if not rows or error is None:
        return []
    bins: list[Bin] = [
        (float(row["low"]), float(row["high"]), int(row["images"]), number(row, "confidence"), number(row, "accuracy"))
        for row in rows
    ]
    sure = sum(one[2] * (one[3] or 0.0) for one in bins) / max(1, sum(one[2] for one in bins))
    right = sum(one[2] * (one[4] or 0.0) for one in bins) / max(1, sum(one[2] for one in bins))
    said = "overconfident" if sure > right else "underconfident"
    told = f"Its mean confidence is {sure:.1%}, its accuracy {right:.1%}: it is {said}."
    facts: list[tuple[str, Content]] = [
        ("calibration error", f"{error:.2f}%"),
        ("mean confidence", f"{sure:.1%}"),
        ("accuracy", f"{right:.1%}"),
    ]
    return [Section("calibration", "Calibration", markup(tiles(facts), paragraph(told), figures(reliability_charts(bins))))]
