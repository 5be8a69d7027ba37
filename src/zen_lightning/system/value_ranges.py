"""Ranges of values that users give, with words for what was expected. Those of numbers: :mod:`~zen_lightning.system.schema`."""

from dataclasses import dataclass
from typing import Any, Protocol

from zen_lightning.errors import as_yaml
from zen_lightning.system.schema import Number, Plain

_LONGEST_TEXT = 2**20
"""Characters of a text. A choice: no structure and no path is as long."""

_NULL = "null"


class Range(Protocol):
    """What a value may be, with words for it."""

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with a value that stands at ``where``; None if nothing is."""

    def phrase(self, value: Any) -> str:
        """Return what was expected in place of a value that is wrong: ``"a whole number, 1 or more"``."""


@dataclass(frozen=True)
class Text:
    """A text of at most so many characters, none of which is the null character: no path may hold it."""

    longest: int = _LONGEST_TEXT

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        fits = isinstance(value, str) and len(value) <= self.longest and "\0" not in value
        return None if fits else f"{where}: expected {self.phrase(value)}"

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        if isinstance(value, str) and "\0" in value:
            return "text without null characters"
        return f"{self.longest:,} characters or fewer" if isinstance(value, str) and len(value) > self.longest else "text"


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    choices: tuple[Any, ...]

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        same = any(value == choice and type(value) is type(choice) for choice in self.choices)
        return None if same else f"{where}: expected {self.phrase(value)}"

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        *others, last = map(as_yaml, self.choices)
        return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True)
class Items:
    """A list, or a tuple, each of whose items is of a range."""

    each: Range

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with the list, or with its first item that is wrong."""
        if not isinstance(value, list | tuple):
            return f"{where}: expected {self.phrase(value)}"
        return next(filter(None, (self.each.wrong(item, f"{where}[{at}]") for at, item in enumerate(value))), None)

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        item = next((one for one in value if self.each.wrong(one, "")), None) if isinstance(value, list | tuple) else None
        return f"a list, each item {self.each.phrase(item)}"


@dataclass(frozen=True)
class Entries:
    """A mapping, each of whose values is of a range."""

    each: Range

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with the mapping, or with its first value that is wrong."""
        if not isinstance(value, dict):
            return f"{where}: expected {self.phrase(value)}"
        return next(filter(None, (self.each.wrong(item, f"{where}.{key}") for key, item in value.items())), None)

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        item = next((one for one in value.values() if self.each.wrong(one, "")), None) if isinstance(value, dict) else None
        return f"a mapping, each value {self.each.phrase(item)}"


@dataclass(frozen=True)
class AnyOf:
    """A value that is of one of several ranges."""

    ranges: tuple[Range, ...]

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        fits = any(one.wrong(value, where) is None for one in self.ranges)
        return None if fits else f"{where}: expected {self.phrase(value)}"

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        numbers = [one for one in self.ranges if is_number and isinstance(one, Number)]
        phrases = dict.fromkeys(one.phrase(value) for one in numbers or self.ranges)
        others = [phrase for phrase in phrases if phrase != _NULL]
        return " or ".join(others) + f", or {_NULL}" * (bool(others) and _NULL in phrases) or _NULL


@dataclass(frozen=True)
class Named:
    """A range that is told in words of its own.

    Attributes:
        range: what the value may be.
        words: for what was expected.
        of_list: what more is told of a list, where one value is expected.
    """

    range: Range
    words: str
    of_list: str = ""

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        return self.range.wrong(value, where)

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        return self.words + self.of_list * isinstance(value, list | tuple)


NULL = OneOf((None,))
TEXT = Text()
MAPPING = Plain((dict,), "a mapping")


def is_text(wanted: Range) -> bool:
    """Whether a range takes text, or a list of texts, and no numbers.

    Example:
        >>> is_text(AnyOf((TEXT, NULL))), is_text(AnyOf((TEXT, Items(TEXT)))), is_text(AnyOf((Number(), TEXT)))
        (True, True, False)
    """
    if isinstance(wanted, AnyOf):
        return all(map(is_text, wanted.ranges))
    if isinstance(wanted, OneOf):
        return all(isinstance(choice, str | None) for choice in wanted.choices)
    inner = wanted.each if isinstance(wanted, Items) else wanted.range if isinstance(wanted, Named) else None
    return isinstance(wanted, Text) or (inner is not None and is_text(inner))
