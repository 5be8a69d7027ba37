"""HTML and SVG as values: text that is not markup already is escaped."""

from collections.abc import Iterable
from html import escape
from typing import Any

_VOID = ("br", "img", "link", "meta")


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


Content = str | int | float | None | Iterable["Content"]
"""The content of an element: text, markup, or several of them; None for nothing."""


def markup(*content: Content) -> Markup:
    """Return content as markup: text is escaped, several pieces follow one another.

    Example:
        >>> markup("a < b", [Markup("<br>"), None])
        'a &lt; b<br>'
    """
    return Markup("".join(map(_piece, content)))


def element(name: str, /, *content: Content, **attributes: Any) -> Markup:
    """Return an element.

    Args:
        name: the name of the element.
        content: what stands in it.
        attributes: the attributes, by name; ``_`` stands for ``-``, and one at the end is dropped, for the words that Python
            keeps for itself.
            None and False leave an attribute out, True gives one without a value.

    Example:
        >>> element("p", "1 < 2", class_="note", data_row=3, hidden=None)
        '<p class="note" data-row="3">1 &lt; 2</p>'
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{markup(*content)}</{name}>")


def _piece(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Markup):
        return content
    if isinstance(content, str):
        return escape(content, quote=False)
    if isinstance(content, int | float):
        return str(content)
    return "".join(map(_piece, content))


def _attribute(key: str, value: Any) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = f"{round(value, 2):g}" if isinstance(value, float) else str(value)
    return f' {name}="{escape(text)}"'
