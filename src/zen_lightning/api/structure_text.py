"""Reading one structure out of what surrounds it in files, chats, papers, configurations and programs."""

import ast
import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from zen_lightning.arch.block import families
from zen_lightning.arch.plain.names import NAMES

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n(]*$", re.MULTILINE)
_TAGS = re.compile(r"</?(?:br|p|pre|code|div|span|td|tr|b|i|em|tt)\b[^<>\n]*>", re.IGNORECASE)
_COMMENTED = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMMENT_LINE = re.compile(r"^[ \t]*(?:(?:%|--|;)[^(\n]*|(?://|#).*)$", re.MULTILINE)
_COMMENT = re.compile(r"(?<=\s)(?:#|//).*$", re.MULTILINE)
_JOINS = re.compile(r"(?:\\n|[\\^])\s*$", re.MULTILINE)
_HYPHENATED = re.compile(r"(?<=[A-Za-z0-9])-[ \t]*\r?\n[ \t]*(?=[A-Za-z0-9])")
_BULLETS = re.compile(r"^[ \t]*(?:>>>|[-*+>$\u2022\u2023\u25aa\u2013\u2014]|\d{1,3}[.)](?=\s))[ \t]*", re.MULTILINE)
_QUOTES = re.compile("[\"'`\u00b4\u2018-\u201f\u00ab\u00bb\u2039\u203a\u2032-\u2037\u300c-\u300f\uff02\uff07]+")
_PREFIXED = re.compile(r"(?<![A-Za-z0-9_])[bBrRuUfF]{1,2}(?=[\"'])")
_BETWEEN = re.compile(r"(?:\\n(?=[A-Z])|[-+,;|>&.^\\\u2192\u21d2\u2014\u2013\u00b7\u2022])+(?=[A-Za-z])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?=\()")
_LABEL = re.compile(r"^[^()|]*[:=][>|+-]*")
_LITERAL = re.compile(r"\s*(?:[A-Za-z_][\w.]*\s*[:=]\s*)?(?=[\[{]|\(\s*[\[{])")
_PLAIN_QUOTES = {**dict.fromkeys(map(ord, "\u2018\u2019\u201a"), "'"), **dict.fromkeys(map(ord, "\u201c\u201d\u201e"), '"')}
_WORDS = (
    "structure",
    "arch",
    "architecture",
    "start",
    "net",
    "network",
    "plainnet_struct",
    "plainnet_struct_txt",
    "best_structure",
)
"""Keys under which configurations and results keep a structure."""


def bare_structure(text: str) -> str:
    r"""Return a structure without what surrounds it and means nothing.

    That is white space, zero-width and full-width forms of Unicode, quotes, a comma, semicolon, dot or arrow between blocks or
    after the last, line ends with or without a backslash or the hyphen of a hyphenated word, signs of lists and code of
    Markdown, tags and entities of HTML, colours of a terminal, comments, and a name with ``=`` or ``:`` in front. Names of
    blocks are known in any case.

    Codes of benchmarks are separated by white space, so there it stays.

    Example:
        >>> bare_structure('arch = "SuperConvK3BNRELU(3, 8, 1, 1)";')
        'SuperConvK3BNRELU(3,8,1,1)'
        >>> bare_structure("- superconvk3bnrelu\uff083,8,1,1\uff09\n- ConvKX(8,16,3,2)")
        'SuperConvK3BNRELU(3,8,1,1)ConvKX(8,16,3,2)'
    """
    text = without_markup(usual_letters(text))
    if "(" not in text:
        return " ".join(text.strip().rstrip(";,").split())
    text = _LABEL.sub("", "".join(_BULLETS.sub("", _JOINS.sub("", _HYPHENATED.sub("", text))).split()))
    if text.startswith("(") and text.endswith(")"):  # As Python joins texts over several lines.
        text = text[1:-1]
    text = "".join(_apart(text)).rstrip(";,.\\").replace(",)", ")")
    return _NAME.sub(lambda match: _cased(match[0]), text)


def lines_of(text: str) -> list[str]:
    """Return the structures of a text line by line; empty lines are left out."""
    plain = _BULLETS.sub("", _JOINS.sub("", without_markup(usual_letters(text))))
    return [line for line in map(bare_structure, plain.splitlines()) if line]


def literal_text(text: str) -> str | None:
    """Return the JSON, or the literal of Python, that a text is; also in a code block, with typographic quotes, or assigned.

    Example:
        >>> literal_text("structure_info = [{\u2018class\u2019: \u2018BN\u2019}]"), literal_text("BN(8)")
        ("[{'class': 'BN'}]", None)
    """
    plain = _FENCE.sub("", text).translate(_PLAIN_QUOTES)
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    begin = _LITERAL.match(plain)
    return plain[begin.end() :].strip() if begin is not None else None


def inner_text(text: str) -> str | None:
    """Return the structure that JSON, or a literal of Python, holds as a text; None where it holds none.

    A mapping is read by its key (``structure``, ``arch``, ...); a list holds one structure, or its blocks one by one.

    Example:
        >>> inner_text('{"structure": "SuperConvK3BNRELU(3,8,1,1)", "score": null}')
        'SuperConvK3BNRELU(3,8,1,1)'
    """
    found = literal(text)
    while isinstance(found, Mapping):
        found = next((found[name] for name in _WORDS if name in found), None)
    if isinstance(found, list | tuple) and found and all(isinstance(part, str) for part in found):
        return "\n".join(found)
    return found if isinstance(found, str) else None


def literal(text: str) -> Any:
    """Return the value of JSON, or of a literal of Python; nothing is executed. None where it is neither."""
    text = text.strip().rstrip(";")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def usual_letters(text: str) -> str:
    """Return a text in the usual forms of its letters, without quotes, letters that have no width, and colours.

    Example:
        >>> usual_letters("\u201cBN\uff088\uff09\u200b\u201d")
        'BN(8)'
    """
    if "&" in text or "\x1b" in text:
        text = html.unescape(_COLOURS.sub("", text))
    text = _QUOTES.sub("", _PREFIXED.sub("", _FENCE.sub("", text)))
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")


def without_markup(text: str) -> str:
    """Return a text without comments, and with a line end in place of each tag of HTML."""
    text = _TAGS.sub("\n", _COMMENTED.sub("", text))
    return _COMMENT.sub("", _COMMENT_LINE.sub("", text))


def _apart(text: str) -> Iterator[str]:
    """Yield a text without what stands between its blocks; what stands within brackets means something."""
    depth = begin = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and depth == 0:
            yield text[begin : at + 1]
            between = _BETWEEN.match(text, at + 1)
            begin = between.end() if between else at + 1
    yield text[begin:]


def _cased(name: str) -> str:
    """Return the name of a block in its own letters; another name as it is."""
    if name in families or name in NAMES:
        return name
    return next((one for one in (*NAMES, *families.names()) if one.lower() == name.lower()), name)
