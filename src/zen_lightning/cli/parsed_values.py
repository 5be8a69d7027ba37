"""Walks through a value as Hydra parses an override: lists, mappings, and the choices of a sweep."""

from collections.abc import Iterator
from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, Glob, QuotedString


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key of the mappings in a value, with what it holds."""
    for item in _items(value):
        yield from pairs(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield _plain(key), item
            yield from pairs(item)


def paths(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the dotted key of every leaf in a value, and the leaf."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(f"{key}.{_plain(name)}", item)
    elif items := _items(value):
        for item in items:
            yield from paths(key, item)
    else:
        yield key, _plain(value) if isinstance(value, str | QuotedString) else value


def leaves(value: Any) -> Iterator[Any]:
    """Yield what is neither a list nor a mapping in a value, texts without their quotation marks."""
    items = [*value.values()] if isinstance(value, dict) else _items(value)
    if items or isinstance(value, dict | list):
        for item in items:
            yield from leaves(item)
    else:
        yield _plain(value) if isinstance(value, str | QuotedString) else value


def texts(value: Any) -> Iterator[str]:
    """Yield what Hydra would take for the names of YAMLs if the key were a group: a text, or those of a list; of no mapping."""
    for item in _items(value) or [value]:
        if item is not value and _items(item):
            yield from texts(item)
        elif isinstance(item, str | QuotedString):
            yield _plain(item)


def _items(value: Any) -> list[Any]:
    if isinstance(value, ChoiceSweep):
        return list(value.list)
    if isinstance(value, Glob):
        return [*value.include, *value.exclude]
    return value if isinstance(value, list) else []


def _plain(text: Any) -> str:
    return str(text.text if isinstance(text, QuotedString) else text)
