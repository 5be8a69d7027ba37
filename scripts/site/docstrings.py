"""Extension of Griffe, which reads the docstrings for the site: brings them into the form that it knows."""

import re
from typing import Any

import griffe

_TITLE = re.compile(r"^( *)Example:$", re.MULTILINE)
_ROLE = re.compile(r":(?:class|func|meth|attr|data|mod):`~?(?:[\w.]+\.)?(\w+)`")


class Docstrings(griffe.Extension):
    """Shows the section ``Example`` as code, as ``Examples`` is, and what Sphinx would link by its name."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of one object before it is parsed."""
        if obj.docstring is not None:
            text = _TITLE.sub(r"\1Examples:", obj.docstring.value)
            obj.docstring.value = _ROLE.sub(r"`\1`", text)
