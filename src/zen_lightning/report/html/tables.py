"""Tables, bars and short facts as HTML."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from zen_lightning.report.html.markup import Content, Markup, element, markup

_LONGEST = 120
"""Characters of a value that is still text. A choice: what is longer is a structure or a path."""

_IN_PATHS = "/=+,@()!*"
"""What stands in the path of an address as it is, beside letters and digits; a colon would end the name of a scheme."""


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Content]],
    caption: str,
    left: int = 1,
    sortable: bool = False,
    tall: bool = False,
    text_last: bool = False,
) -> Markup:
    """Return a table that scrolls in a container of its own where it is too wide.

    Args:
        columns: headings.
        rows: the rows of cells.
        caption: what it shows; it names the container for who cannot see it.
        left: how many columns, from the first, hold text; the others hold numbers, and are aligned right.
        sortable: whether a click on a heading sorts the rows; not where one of them is a total.
        text_last: whether the last column holds text too.
        tall: whether rows beyond about a screen scroll in the container, below their headings.
    """
    kinds = ["text" if index < left or (text_last and index == len(columns) - 1) else None for index in range(len(columns))]
    head = [element("th", column, scope="col", class_=kind) for column, kind in zip(columns, kinds, strict=True)]
    body = [element("tr", [element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True)]) for row in rows]
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", head)),
            element("tbody", body),
            data_sortable=True if sortable and len(rows) > 1 else None,
        ),
        class_="scroll tall" if tall else "scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )


def facts(pairs: Sequence[tuple[str, Content]]) -> Markup:
    """Return names and values, one below the other."""
    return element("dl", [element("div", element("dt", name), element("dd", value)) for name, value in pairs], class_="facts")


def tiles(pairs: Sequence[tuple[str, Content]]) -> Markup:
    """Return the figures that matter most, large."""
    return element("dl", [element("div", element("dt", name), element("dd", value)) for name, value in pairs], class_="tiles")


def bar(share: float, text: Content = None) -> Markup:
    """Return text, and beside it a bar that is filled by a share of 0 to 1."""
    width = 100 * min(1.0, max(0.0, share))
    drawing = element(
        "svg",
        element("rect", width=100, height=8, rx=2, class_="track"),
        element("rect", width=round(max(width, 0.8), 1), height=8, rx=2, class_="fill"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )
    return element("span", element("span", text), drawing, class_="with-bar")


def structure_code(text: str) -> Markup:
    """Return a structure, or other code, that breaks its lines after a super-block where it can.

    Example:
        >>> structure_code("A(3,8)B(8,8)")
        '<code>A(3,8)<wbr>B(8,8)</code>'
    """
    *whole, rest = text.split(")")
    blocks = [markup(f"{block})", Markup("<wbr>")) for block in whole]
    if not rest and blocks:
        blocks[-1] = Markup(blocks[-1].removesuffix("<wbr>"))
    return element("code", blocks, rest)


def code(text: str, what: str) -> Markup:
    """Return text to copy: it wraps, and has a button.

    Args:
        text: to copy.
        what: it is, for the button.
    """
    button = element("button", "Copy", type="button", data_copy=True, aria_label=f"Copy {what}", hidden=True)
    return element("div", element("pre", structure_code(text)), button, class_="code")


def paragraph(*content: Content, class_: str | None = None) -> Markup:
    """Return a paragraph."""
    return element("p", *content, class_=class_)


def link(text: Content, path: str) -> Markup:
    """Return a link to a file.

    Whatever its name is, it is no address of another kind: a folder of somebody else may be called ``javascript:...``.

    Args:
        text: of the link.
        path: of the file, as seen from the folder of the page, with slashes.

    Example:
        >>> print(link("one", "lr=0.1/50%/report.html"))
        <a href="lr=0.1/50%25/report.html">one</a>
        >>> print(link("one", "javascript:alert(1)/report.html"))
        <a href="javascript%3Aalert(1)/report.html">one</a>
    """
    return element("a", text, href=quote(os.fsencode(path.lstrip("/")), safe=_IN_PATHS))


def web_link(text: Content, address: str) -> Markup:
    """Return a link to an address of the web, which this project names itself."""
    return element("a", text, href=address)


def value_text(value: Any) -> Content:
    """Return a value of a result as it is read; nothing for what has parts, and a structure as code that can break."""
    if value is None or isinstance(value, list | dict):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.5g}"
    text = str(value)
    return structure_code(text) if len(text) > _LONGEST or "(" in text or "|" in text else text
