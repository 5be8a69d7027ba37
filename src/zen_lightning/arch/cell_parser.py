"""From the text of a cell to the operations on its edges."""

import re

from zen_lightning.arch.errors import ArchitectureError
from zen_lightning.errors import nearest

CHOICES = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""Operations that an edge may have."""

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""(source, target) of each edge, in the order of the text."""

_WORD = re.compile(r"[A-Za-z0-9_]+")
_SHOWN = 10
"""Characters of a text that an error quotes. A choice."""


def parse_operations(text: str) -> tuple[str, ...]:
    """Return the operation of each edge, in the order of the text.

    Args:
        text: ``|op~0|+|op~0|op~1|+|op~0|op~1|op~2|``, white space around it allowed.

    Raises:
        ArchitectureError: the text is not a cell; with the position and what was expected there.

    Example:
        >>> parse_operations("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")[3:]
        ('skip_connect', 'none', 'nor_conv_3x3')
    """
    position, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if position >= end:
        raise ArchitectureError("the text is empty", text, 0, "a cell |op~0|+|op~0|op~1|+|op~0|op~1|op~2|")
    operations = []
    for index, (source, target) in enumerate(EDGES):
        if source == 0:
            if index:
                position = _expect(text, position, end, "+", f"before node {target}")
            position = _expect(text, position, end, "|", f"at the start of node {target}")
        match = _WORD.match(text, position, end)
        if match is None or match.group() not in CHOICES:
            found = repr(match.group()[:40]) if match else (repr(text[position]) if position < end else "the end")
            hint = nearest(match.group()[:40], list(CHOICES)) if match else ""
            expected = f"one of {', '.join(CHOICES)}{hint}"
            raise ArchitectureError(f"{found} is no operation of NAS-Bench-201", text, position, expected)
        operations.append(match.group())
        position = _expect(text, match.end(), end, f"~{source}", f"after the operation from node {source} to node {target}")
        position = _expect(text, position, end, "|", f"after ~{source}")
    if position != end:
        found = repr(text[position : min(end, position + _SHOWN)])
        raise ArchitectureError(f"{found} after the last edge", text, position, "the end of the cell")
    return tuple(operations)


def _expect(text: str, position: int, end: int, what: str, where: str) -> int:
    if text.startswith(what, position, end):
        return position + len(what)
    found = repr(text[position : min(end, position + len(what))]) if position < end else "the end"
    raise ArchitectureError(found, text, position, f"{what!r} {where}")
