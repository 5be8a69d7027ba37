"""Overrides of the command line, parsed in one place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_SIGNS = "+~"
_QUOTED = re.compile(r"(['\"])(\\.|(?!\1).)*\1", re.DOTALL)
"""One text in quotes: those within it are escaped."""

_PLAIN = re.compile(r"[A-Za-z_./][\w./+-]*", re.ASCII)
WORDS = ("null", "true", "false", "yes", "no", "on", "off", "nan", "inf")
"""What Hydra or YAML reads as something else than text."""

_OF_PLACE = ("output_dir", "resume")
"""Keys that say where a run is, and not what it is."""


class Override(NamedTuple):
    """One override, as Hydra's grammar has it: ``key=value``, with ``+``, ``++`` or ``~`` in front.

    Attributes:
        sign: ``+`` adds a key, ``++`` adds or changes it, ``~`` deletes it; empty where it changes one.
        key: the key of the configuration, or a group; without the package of ``group@package``.
        text: the value word for word, with its quotes; empty for ``~key``.
        whole: the override, word for word.

    Example:
        >>> one = Override.parse("+recipe.lr='0.1'")
        >>> one.key, one.root, one.value
        ('recipe.lr', 'recipe', '0.1')
    """

    sign: str
    key: str
    text: str
    whole: str

    @classmethod
    def parse(cls, override: str) -> "Override":
        """Return the parts of an override."""
        left, _, text = override.partition("=")
        bare = left.lstrip(_SIGNS)
        return cls(left[: len(left) - len(bare)], bare.partition("@")[0], text, override)

    @property
    def root(self) -> str:
        """The first part of the key: the group, or a key that belongs to none."""
        return self.key.replace("/", ".").partition(".")[0]

    @property
    def value(self) -> str:
        """The value without quotes around it."""
        return unquoted(self.text)

    @property
    def names_place(self) -> bool:
        """Whether it sets where a run is written, not what it computes."""
        return self.key in _OF_PLACE

    def __str__(self) -> str:
        return self.whole


def parse_overrides(overrides: Iterable[str]) -> Iterator[Override]:
    """Yield the parts of each override."""
    return map(Override.parse, overrides)


def last_value(overrides: Iterable[str], key: str) -> str | None:
    """Return the value of a key, the last one where it is given several times; None where it is not given or is null.

    Example:
        >>> last_value(["seed=1", "output_dir='runs/one'"], "output_dir")
        'runs/one'
    """
    found = [one.value for one in parse_overrides(overrides) if one.key == key]
    return found[-1] if found and found[-1] not in ("", "null") else None


def settings(overrides: Iterable[str]) -> dict[str, str]:
    """Return overrides by key, without those that only say where the run is, or that are Hydra's own.

    Example:
        >>> settings(["task=train", "+recipe.lr='0.1'", "output_dir=runs/one"])
        {'task': 'train', 'recipe.lr': '0.1'}
    """
    return {one.key: one.value for one in parse_overrides(overrides) if not one.names_place and one.root != "hydra"}


def without(overrides: Iterable[str], *roots: str) -> list[str]:
    """Return the overrides of other groups and keys than these.

    Example:
        >>> without(["task=train", "trainer.devices=2", "seed=1"], "task", "trainer")
        ['seed=1']
    """
    return [one.whole for one in parse_overrides(overrides) if one.root not in roots]


def in_all(jobs: Sequence[Sequence[str]]) -> list[str]:
    """Return the overrides that every one of several commands has, in the order of the first.

    Example:
        >>> in_all([["task=train", "seed=0"], ["task=train", "seed=1"]])
        ['task=train']
    """
    others = [set(overrides) for overrides in jobs[1:]]
    return [override for override in jobs[0] if all(override in other for other in others)] if jobs else []


def apart(jobs: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return what sets each of several commands apart: its overrides that not all have; of a single one, all.

    Example:
        >>> apart([["task=train", "seed=0"], ["task=train", "seed=1"]]), apart([["task=train"]])
        ([['seed=0'], ['seed=1']], [['task=train']])
    """
    common = set(in_all(jobs)) if len(jobs) > 1 else set()
    return [[override for override in overrides if override not in common] for overrides in jobs]


def is_quoted(text: str) -> bool:
    """Whether a text is one text in quotes."""
    return _QUOTED.fullmatch(text) is not None


def word(text: str) -> str:
    """Return a text as an override has it: in quotes where Hydra would read it as anything but this text.

    Example:
        >>> word("runs/one"), word("2024"), word("a, b")
        ('runs/one', "'2024'", "'a, b'")
    """
    return text if _PLAIN.fullmatch(text) and text.lower() not in WORDS else quoted(text)


def quoted(text: str) -> str:
    r"""Return a text in quotes, as Hydra reads it back: within them, backslashes count before a quote alone.

    Example:
        >>> print(quoted("a, b"), quoted("it's"))
        'a, b' 'it\'s'
    """
    escaped = re.sub(r"(\\*)('|$)", lambda match: match[1] * 2 + (f"\\{match[2]}" if match[2] else ""), text)
    return f"'{escaped}'"


def unquoted(text: str) -> str:
    r"""Return a value without its quotes and escapes.

    Example:
        >>> print(unquoted("'it\\'s'"), unquoted("plain"))
        it's plain
    """
    text = text.strip()
    if is_quoted(text):
        quote = text[0]
        inner = re.sub(rf"(\\*)\\{quote}", lambda match: match[1][::2] + quote, text[1:-1])
        return re.sub(r"\\+$", lambda match: match[0][::2], inner)
    return text
