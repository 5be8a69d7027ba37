"""Finding the one structure in a text that is more than a structure: a log, a row of a table, a command, a page."""

import re
from collections.abc import Iterator

from zen_lightning.api.structure_text import usual_letters, without_markup
from zen_lightning.arch.block import families
from zen_lightning.arch.plain.names import NAMES

_CALL = re.compile(r"[A-Za-z_]\w*\s*\(")
_BLOCK = re.compile(r"([A-Za-z_]\w*)\s*(\(\s*\d+(?:\s*,\s*\d+)*\s*,?\s*\))")
_NUMBER_FIRST = re.compile(r"\s*\d")
_BETWEEN = re.compile(r"(?:\\n|[-\s,;+>|&.^\\\u2192\u21d2\u2014\u2013\u00b7\u2022])*(?:[\[(#]?\d{1,3}[\]).:]+\s*)?")
"""What may stand between two blocks of one structure: white space, signs, and the number of the next one."""

_CHANNELS = ("1", "3")
"""Channels of an image, which a whole structure begins with."""


def structures_within(text: str) -> list[str]:
    """Return the structures in a text, each once; none where what belongs to them is not certain.

    Comments do not count. It is not certain where there are blocks that nobody knows, blocks within blocks, or pieces of a
    structure apart from one another.

    Args:
        text: any, as it was read.

    Example:
        >>> structures_within("INFO best: SuperConvK3BNRELU(3, 8, 1, 1)SuperConvK1BNRELU(8,32,1,1) (93.1%)")
        ['SuperConvK3BNRELU(3,8,1,1)SuperConvK1BNRELU(8,32,1,1)']
        >>> structures_within("SuperConvK3BNRELU(3,8,1,1) then Unknown(8,16,1)"), structures_within("nothing")
        ([], [])
    """
    text = without_markup(usual_letters(text))
    known = {name.lower(): name for name in (*NAMES, *families.names())}
    for call in _CALL.finditer(text):
        is_block = _BLOCK.match(text, call.start())
        name = call[0][:-1].strip().lower()
        if is_block is None and (name in known or _NUMBER_FIRST.match(text, call.end())):
            return []
        if is_block is not None and name not in known:
            return []
    chains = ["".join(chain) for chain in _chains(text, known)]
    if len(chains) > 1 and any(re.split(r"[(,]", chain, maxsplit=2)[1] not in _CHANNELS for chain in chains):
        return []
    return list(dict.fromkeys(chains))


def _chains(text: str, known: dict[str, str]) -> Iterator[list[str]]:
    """Yield the blocks of each structure, in the letters of their names and without white space."""
    chain: list[str] = []
    end = 0
    for match in _BLOCK.finditer(text):
        if chain and _BETWEEN.fullmatch(text, end, match.start()) is None:
            yield chain
            chain = []
        chain.append(known[match[1].lower()] + "".join(match[2].split()).replace(",)", ")"))
        end = match.end()
    if chain:
        yield chain
