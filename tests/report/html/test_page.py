"""The page around the sections, and the markup it is made of."""

import base64
import hashlib
import re

from zen_lightning.report.html.markup import Markup, element, markup
from zen_lightning.report.html.page import Section, page
from zen_lightning.report.html.tables import code, table

EVIL = "</script><script>alert(1)</script>\"'&"


def test_text_cannot_become_markup() -> None:
    assert "<script>" not in element("p", EVIL, title=EVIL)
    assert markup(EVIL, [None, Markup("<br>")]).endswith("&amp;<br>")
    assert element("td", 3, class_="x", hidden=True, title=None) == '<td class="x" hidden>3</td>'
    whole = page(
        EVIL, EVIL, EVIL, [Section("a", EVIL, table([EVIL], [[EVIL]], EVIL)), Section("b", "B", code(EVIL, EVIL))], EVIL
    )
    assert whole.count("<script") == 1
    assert "alert(1)</script>" not in whole.replace("&lt;/script&gt;", "")


def test_the_policy_allows_just_what_is_there() -> None:
    whole = page("t", "k", "l", [Section("a", "A", element("p", "x"))])
    for name in ("style", "script"):
        found = re.search(rf"<{name}>(.*?)</{name}>", whole, re.DOTALL)
        assert found is not None
        digest = base64.b64encode(hashlib.sha256(found.group(1).encode()).digest()).decode()
        assert f"{name}-src &#x27;sha256-{digest}&#x27;" in whole
    assert "default-src &#x27;none&#x27;" in whole
    # A style attribute would be refused by the policy.
    assert " style=" not in whole
    assert '<html lang="en">' in whole
    assert "http://" not in whole.replace("http://www.w3.org/2000/svg", "")
