"""``--help`` for a terminal of usual width."""

import contextlib
import io
import re
from collections.abc import Iterator, Sequence

from zen_lightning.report.terminal.wrapping import wrapped

_ASKS = {"--help", "-h"}
_CHOICES = re.compile(r"[\w/]+: \w+(, \w+)*")
"""A line of Hydra's: a group, and what it offers."""


@contextlib.contextmanager
def readable_help(arguments: Sequence[str]) -> Iterator[None]:
    """Wrap what Hydra prints for ``--help``: it lists the choices of a group in one line, however many there are."""
    if _ASKS.isdisjoint(arguments):
        yield
        return
    page = io.StringIO()
    try:
        with contextlib.redirect_stdout(page):
            yield
    finally:
        for line in page.getvalue().splitlines():
            print(wrapped(line) if _CHOICES.fullmatch(line) else line)
