"""Images with what a network says of them: a page of its own, and a section of the report."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from zen_lightning.data.decode import CorruptImageError, Reading, decode
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.tables import bar, link, table, tiles
from zen_lightning.runs.run_folder import RunFolder

_SIDE = 128
"""Pixels of a thumbnail's longer side. A choice: about 4 KB as JPEG."""

_QUALITY = 80
_ALL = Reading(max_pixels=2**40)
"""How images are read for the page: it shows what was classified, whatever the limit was then."""

_ROWS = 200
"""Rows of a table on a page. A choice: the whole table is in its CSV file."""

_PAGE = "predictions.html"

Listed = tuple[Path, str, Sequence[tuple[str, float]]]
"""A file, its name as text, and its classes with their probabilities, the likeliest first."""


def predictions_page(
    title: str,
    origin: str,
    images: Sequence[Listed],
    total: int,
    counts: Mapping[str, int],
    unread: Sequence[tuple[str, str]],
) -> str:
    """Return a whole HTML file that shows images with their classes; thumbnails are part of it.

    Args:
        title: the title of the page.
        origin: where the weights are from.
        images: those to show.
        total: how many there are.
        counts: how many images each class is the likeliest of.
        unread: what could not be read, with the reason.
    """
    shown = f"The first {len(images):,} of {total:,} images" if len(images) < total else f"{total:,} images"
    gallery = element("div", [_card(*one) for one in images], class_="gallery")
    sections = [Section("images", shown, gallery)] if images else []
    sections += _tables(counts, unread)
    lead = f"{total:,} images; {origin}"
    return page(title, "zen-lightning, task=predict", lead, sections, "Probabilities are those of the network, not calibrated.")


def predictions(run: RunFolder) -> Section | None:
    """Return the section on the images of a run of ``task=predict``; None for others."""
    rows = run.table("predictions.csv")
    if not rows or "probability" not in rows[0]:
        return None
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["class"]] = counts.get(row["class"], 0) + 1
    counts = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
    unread = [(row["image"], row["reason"]) for row in run.table("unread.csv")]
    said = tiles([("images", f"{len(rows):,}"), ("classes among them", f"{len(counts):,}"), ("not read", f"{len(unread):,}")])
    gallery = element("p", link("Every image with its classes", _PAGE)) if (run.path / _PAGE).is_file() else None
    return Section("predictions", "The images", markup(said, gallery, [one.body for one in _tables(counts, unread)]))


def _tables(counts: Mapping[str, int], unread: Sequence[tuple[str, str]]) -> list[Section]:
    found = []
    if counts:
        total = sum(counts.values())
        rows: list[list[Content]] = [[name, bar(count / total, f"{count:,}")] for name, count in list(counts.items())[:_ROWS]]
        found.append(Section("classes", "Classes", table(["likeliest class", "images"], rows, "Images of each class")))
    if unread:
        bad: list[list[Content]] = [[name, reason] for name, reason in unread[:_ROWS]]
        body = table(["image", "reason"], bad, "Images that could not be read, all of them in unread.csv", left=2)
        found.append(Section("unread", f"Not read: {len(unread):,}", body))
    return found


def _card(path: Path, name: str, classes: Sequence[tuple[str, float]]) -> Markup:
    label, share = classes[0]
    others = [element("li", bar(one, f"{other} {one:.1%}")) for other, one in classes[1:]]
    return element(
        "figure",
        _thumbnail(path, name),
        element("figcaption", element("strong", label), f" {share:.1%}", element("ol", others) if others else None),
        element("p", Path(name).name, class_="note", title=name),
    )


def _thumbnail(path: Path, name: str) -> Markup | None:
    try:
        image = decode(path, _ALL)
    except CorruptImageError:
        return None  # It could be read a moment ago.
    image.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode()
    width, height = _display(image)
    return element("img", src=f"data:image/jpeg;base64,{data}", alt=Path(name).name, width=width, height=height, loading="lazy")


def _display(image: Image.Image) -> tuple[int, int]:
    """Return width and height on the page: small images are enlarged, so that there is something to see."""
    factor = _SIDE / max(image.size)
    width, height = (max(1, round(side * factor)) for side in image.size)
    return width, height
