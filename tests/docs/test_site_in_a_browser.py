"""The built site in a real browser: no page is wider than the window, on a desk or a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser, find_browser

SITE = Path(__file__).resolve().parents[2] / "site"
BEYOND = """[...document.querySelectorAll(".md-content *")].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !node.closest(".md-typeset__scrollwrap, table, pre, svg");
}).map(node => node.outerHTML.slice(0, 120))"""
HIDDEN = """[...document.querySelectorAll(".md-typeset__scrollwrap, .md-content pre > code")].filter(node =>
    node.scrollWidth > node.clientWidth + 1 && !["auto", "scroll"].includes(getComputedStyle(node).overflowX)
).map(node => node.outerHTML.slice(0, 120))"""

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not SITE.is_dir():
        pytest.skip("the site is not built: make docs")
    with Browser(find_browser()) as found:
        yield found


@pytest.mark.parametrize("width", [1280, 375])
def test_no_page_is_cut(browser: Browser, width: int) -> None:
    pages = sorted(SITE.rglob("index.html"))
    assert len(pages) > 20
    pictures = Path(os.environ.get("ARTIFACTS", SITE.parent / "outputs" / "test-artifacts")) / "site"
    for page in pages:
        browser.open(page, width)
        assert browser.run("document.documentElement.scrollWidth") <= width, page
        assert browser.run(BEYOND) == [], page
        assert browser.run(HIDDEN) == [], page
        if page.parent in (SITE, SITE / "training", SITE / "proxies"):
            pictures.mkdir(parents=True, exist_ok=True)
            browser.picture(pictures / f"{page.parent.name}-{width}.png")
