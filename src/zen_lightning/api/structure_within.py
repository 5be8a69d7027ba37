"""Finding the one structure in a text that is more than a structure: a log, a row of a table, a command, a page."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from zen_lightning.api.structure_text import usual_letters, without_markup
from zen_lightning.arch.block import families
from zen_lightning.arch.plain.names import NAMES

_CALL = re.compile(r"[A-Za-z_]\w*\s*\(")
_BLOCK = re.compile(r"([A-Za-z_]\w*)\s*(\(\s*\d+(?:\s*,\s*\d+)*\s*,?\s*\))")
_NUMBER_FIRST = re.compile(r"\s*\d")
_BETWEEN = re.compile(r"(?:\\n|[-\s,;+>|&.^\\\u2192\u21d2\u2014\u2013\u00b7\u2022])*(?:[\[(#]?\d{1,3}[\]).:]+\s*)?")
"""What may stand between two blocks of one structure: white space, signs, and the number of the next one."""

_TORN = re.compile(r"[\w\[{(]|[\s\])}]*[*x\u00d7]\s*\d", re.IGNORECASE)
"""What a structure is not whole before: more of it, or how often a part is repeated."""

_REPEATED = re.compile(r"\d\s*[*x\u00d7][\s\[({]*\Z", re.IGNORECASE)
"""The same in front of it."""

_MANY_BEFORE = 32
"""Characters in front of a structure that are looked at for that. A choice."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_SURE, _LIKELY = 3, 5
"""Letters of a word that a name of a block begins with, in its own letters and in any, from which on it is one cut short. A
choice: `res 224` and `avg 93.1` are said of structures."""

_CHANNELS = ("1", "3")
"""Channels of an image, which a whole structure begins with."""


def structures_within(text: str) -> list[str]:
    """Return the structures in a text, each once; none where what belongs to them is not certain.

    Comments do not count. It is not certain where there are blocks that nobody knows, blocks within blocks, pieces of a
    structure apart from one another, or where a structure is followed by what may be more of it: a block that is cut short
    or in other brackets, or how often a block is repeated.

    Args:
        text: any, as it was read.

    Example:
        >>> structures_within("INFO best: SuperConvK3BNRELU(3, 8, 1, 1)SuperConvK1BNRELU(8,32,1,1) (93.1%)")
        ['SuperConvK3BNRELU(3,8,1,1)SuperConvK1BNRELU(8,32,1,1)']
        >>> structures_within("SuperConvK3BNRELU(3,8,1,1) then Unknown(8,16,1)"), structures_within("nothing")
        ([], [])
        >>> structures_within("SuperConvK3BNRELU(3,8,1,1)SuperCo"), structures_within("best: SuperConvK3BNRELU(3,8,1,1) x2")
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
    found = list(_chains(text, known))
    if any(_is_torn(text, chain, known) for chain in found):
        return []
    chains = ["".join(chain.blocks) for chain in found]
    if len(chains) > 1 and any(chain.channels not in _CHANNELS for chain in found):
        return []
    return list(dict.fromkeys(chains))


class _Chain(NamedTuple):
    """Blocks that belong together, in the letters of their names and without white space, and where they are in the text."""

    blocks: list[str]
    begin: int
    end: int

    @property
    def channels(self) -> str:
        """The first number of the first block."""
        return re.split(r"[(,)]", self.blocks[0], maxsplit=2)[1]


def _chains(text: str, known: dict[str, str]) -> Iterator[_Chain]:
    chain: _Chain | None = None
    for match in _BLOCK.finditer(text):
        if chain is not None and _BETWEEN.fullmatch(text, chain.end, match.start()) is None:
            yield chain
            chain = None
        block = known[match[1].lower()] + "".join(match[2].split()).replace(",)", ")")
        blocks, begin = ([], match.start()) if chain is None else (chain.blocks, chain.begin)
        chain = _Chain([*blocks, block], begin, match.end())
    if chain is not None:
        yield chain


def _is_torn(text: str, chain: _Chain, known: dict[str, str]) -> bool:
    """Whether more of a structure may stand in front of a chain of blocks or after it."""
    before = text[max(0, chain.begin - _MANY_BEFORE) : chain.begin]
    if _REPEATED.search(before) or (chain.channels not in _CHANNELS and before.endswith((")", "]", "}"))):
        return True
    if _TORN.match(text, chain.end):
        return True
    between = _BETWEEN.match(text, chain.end)
    word = _WORD.match(text, between.end() if between else chain.end)
    return word is not None and _is_block_cut_short(text, chain.end, word, known)


def _is_block_cut_short(text: str, end: int, word: re.Match[str], known: dict[str, str]) -> bool:
    """Whether the word that follows a chain, which ends at ``end``, is a block or the beginning of one."""
    after = text[word.end() :]
    if after.startswith(("(", "[", "{")) and (word[0][0].isupper() or "\n" not in text[end : word.start()]):
        return True  # On a line of its own, print(...) is no block.
    if after.lstrip(" \t").startswith(("=", ":")):
        return False
    least = 1 if not after.strip() else _LIKELY
    return (len(word[0]) >= _SURE and any(name.startswith(word[0]) for name in known.values())) or (
        len(word[0]) >= least and any(name.startswith(word[0].lower()) for name in known)
    )
