"""The page: one file that loads nothing from the network, and in which no text can run a script."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

from zen_lightning.report.html.markup import Content, Markup, element, markup


class Section(NamedTuple):
    """A part of a report.

    Attributes:
        name: its anchor, and what the tests find it by.
        title: its heading, and its entry in the list of contents.
        body: what stands below the heading.
    """

    name: str
    title: str
    body: Markup


def page(title: str, kicker: str, lead: Content, sections: Sequence[Section], footer: Content = None) -> str:
    """Return a whole HTML file.

    Style and script are part of it, and the only ones that its content security policy lets run, by their hashes; nothing can
    be fetched.

    Args:
        title: the title of the page, as plain text.
        kicker: a few words above it.
        lead: a sentence or two below it.
        sections: the sections, in their order.
        footer: what it was made with.
    """
    style, script = (files(__package__).joinpath("assets", name).read_text("utf-8") for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", Markup(style)),
    )
    contents = element(
        "nav",
        [element("a", section.title, href=f"#{section.name}") for section in sections],
        aria_label="Contents",
    )
    body = element(
        "body",
        element("header", element("p", kicker, class_="kicker"), element("h1", title), element("p", lead, class_="lead")),
        contents if len(sections) > 2 else None,
        element("main", [_section(section) for section in sections]),
        element("footer", footer),
        element("script", Markup(script)),
    )
    return markup(Markup("<!doctype html>\n"), element("html", head, body, lang="en"), Markup("\n"))


def _section(section: Section) -> Markup:
    heading = f"{section.name}-title"
    return element("section", element("h2", section.title, id=heading), section.body, id=section.name, aria_labelledby=heading)


def _digest(text: str) -> str:
    """Return the hash by which a policy allows a script or a style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
