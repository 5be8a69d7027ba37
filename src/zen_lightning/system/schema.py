"""What a file may hold: types, ranges and sizes, said once and checked as it is read."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_DEEPEST = 32
"""Levels of lists and mappings in a file. A choice: results have 6, and what reads them may call itself for each."""

_LONGEST_SHOWN = 40


class Kind(Protocol):
    """What a value may be."""

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with a value that stands at ``where``, a sentence; None if nothing is."""


@dataclass(frozen=True)
class Number:
    """A number, within bounds; where it is ``whole``, one without fraction. ``above`` and ``below`` are bounds left out."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    above: float = -math.inf
    below: float = math.inf

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong; NaN is within any bounds, since it says that there is none."""
        is_number = isinstance(value, int if self.whole else int | float) and not isinstance(value, bool)
        if is_number and not (value < self.low or value > self.high or value <= self.above or value >= self.below):
            return None
        within = " and ".join(bound for bound in (self._lower(), self._upper()) if bound)
        return _not(value, where, f"{self._noun()} of {within}" if within else self._noun())

    def phrase(self, value: Any) -> str:
        """Return what was expected in place of a value that is wrong; NaN is none of the numbers.

        An upper bound that only keeps nonsense out is told to those who exceed it alone.

        Example:
            >>> count, share = Number(1, 2**31, whole=True), Number(above=0, high=1)
            >>> count.phrase(0), count.phrase("x"), share.phrase(2)
            ('1 or more', 'a whole number, 1 or more', 'a number above 0 and 1 or less')
            >>> count.phrase(1e20)
            'a whole number, 1 or more and 2,147,483,648 or less'
        """
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
        largest = min(self.high, self.below)
        upper = self._upper() if largest <= 1 or (is_number and value >= largest) else ""
        bounds = " and ".join(filter(None, (self._lower(), upper)))
        if math.isfinite(self.above) or not bounds:
            return f"{self._noun()} {bounds}".strip()
        is_kind = is_number and (not self.whole or isinstance(value, int))
        return bounds if is_kind else f"{self._noun()}, {bounds}"

    def _noun(self) -> str:
        return "a whole number" if self.whole else "a number"

    def _lower(self) -> str:
        if math.isfinite(self.above):
            return f"above {_bound(self.above)}"
        return f"{_bound(self.low)} or more" if math.isfinite(self.low) else ""

    def _upper(self) -> str:
        if math.isfinite(self.below):
            return f"below {_bound(self.below)}"
        return f"{_bound(self.high)} or less" if math.isfinite(self.high) else ""


@dataclass(frozen=True)
class Plain:
    """A value of one of some types."""

    kinds: tuple[type, ...]
    named: str

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        fits = isinstance(value, self.kinds) and (bool in self.kinds or not isinstance(value, bool))
        return None if fits else _not(value, where, self.named)

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        return self.named


@dataclass(frozen=True)
class ListOf:
    """A list, each of whose items is of a kind."""

    kind: "Kind"

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with the list, or with the first item that is wrong."""
        if not isinstance(value, list):
            return _not(value, where, "a list")
        for at, item in enumerate(value):
            if self.kind.wrong(item, ""):  # A place is made where it is told alone: a list may have millions of items.
                return self.kind.wrong(item, f"{where}[{at}]")
        return None


@dataclass(frozen=True)
class Each:
    """A mapping with any keys, each of whose values is of a kind."""

    kind: "Kind"

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with the mapping, or with the first value that is wrong."""
        if not isinstance(value, dict):
            return _not(value, where, "an object")
        for key, item in value.items():
            if self.kind.wrong(item, ""):
                return self.kind.wrong(item, _below(where, key))
        return None


@dataclass(frozen=True)
class Record:
    """A mapping with known keys; others are not looked at. Null stands for none, but for those ``required``."""

    fields: Mapping[str, "Kind"]
    required: Sequence[str] = field(default=())

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with the mapping, or with its first field that is wrong or missing."""
        if not isinstance(value, dict):
            return _not(value, where, "an object")
        missing = next((name for name in self.required if value.get(name) is None), None)
        if missing is not None:
            return f"{_below(where, missing)} is missing"
        found = ((name, value[name]) for name in self.fields if value.get(name) is not None)
        return next(filter(None, (self.fields[name].wrong(item, _below(where, name)) for name, item in found)), None)


def all_of(**fields: "Kind") -> Record:
    """Return the kind of a mapping that must have all of these fields."""
    return Record(fields, required=tuple(fields))


TEXT = Plain((str,), "text")
FLAG = Plain((bool,), "true or false")
OBJECT = Plain((dict,), "an object")
LIST = Plain((list,), "a list")
ANYTHING = Plain((object,), "anything")
TEXTS = ListOf(TEXT)
COUNT = Number(0, 2**63, whole=True)


def wrong_anywhere(value: Any) -> str | None:
    """Return what no file may hold at any place: too many levels, numbers beyond any, text that cannot be written."""
    found = _fault(value, 0)
    return found and f"{found[0].removeprefix('.') or 'it'} {found[1]}"


def _fault(value: Any, depth: int) -> tuple[str, str] | None:
    """Return where something is wrong and what. The place is made on the way back: most files have millions of sound ones."""
    if depth > _DEEPEST:
        return "", f"is nested more than {_DEEPEST} levels deep"
    if isinstance(value, str):
        return None if value.isascii() or _is_unicode(value) else ("", "is no Unicode text")
    if isinstance(value, int):
        return None if abs(value) < 2**1000 else ("", "is a number too large to compute with")
    if isinstance(value, dict):
        for key, item in value.items():
            if found := _fault(key, depth):
                return found
            if found := _fault(item, depth + 1):
                return f".{key}{found[0]}", found[1]
    elif isinstance(value, list):
        for at, item in enumerate(value):
            if found := _fault(item, depth + 1):
                return f"[{at}]{found[0]}", found[1]
    return None


def _bound(value: float) -> str:
    return f"{int(value):,}" if math.floor(value) == value and abs(value) < 1e15 else f"{value:g}"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # Half of a surrogate pair.
        return False
    return True


def _below(where: str, key: str) -> str:
    return f"{where}.{key}" if where else str(key)


def _not(value: Any, where: str, expected: str) -> str:
    text = json.dumps(value, default=str)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
    return f"{where or 'it'} is {shown}, not {expected}"
