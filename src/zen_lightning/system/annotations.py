"""The ranges that annotations declare: of the fields of a dataclass, or of the parameters of a class or a function."""

import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from zen_lightning.system.schema import FLAG
from zen_lightning.system.value_ranges import MAPPING, NULL, TEXT, AnyOf, Entries, Items, OneOf, Range


def range_of(annotation: Any) -> Range | None:
    """Return the range that an annotation declares; None for a type that lets anything through, such as a bare ``float``.

    Args:
        annotation: of a field or a parameter, as ``get_type_hints(..., include_extras=True)`` has it.

    Example:
        >>> from zen_lightning.system.value_types import Count
        >>> range_of(Count | None).phrase(-1), range_of(Literal["pad", "none"]).phrase("x"), range_of(float)
        ('1 or more', 'pad or none', None)
    """
    if get_origin(annotation) is Annotated:
        return next((one for one in get_args(annotation)[1:] if hasattr(one, "phrase")), None)
    if annotation is bool:
        return FLAG
    if annotation is str:
        return TEXT
    if annotation is type(None):
        return NULL
    if is_dataclass(annotation):
        return MAPPING
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return OneOf(inner)
    if origin in (Union, types.UnionType):
        ranges = [range_of(one) for one in inner]
        return None if None in ranges else _any_of([one for one in ranges if one is not None])
    if isinstance(origin, type) and issubclass(origin, Sequence):
        each = range_of(inner[0])
        return None if each is None else Items(each)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        each = range_of(inner[1])
        return MAPPING if inner[1] is Any else None if each is None else Entries(each)
    return None


def _any_of(ranges: Sequence[Range]) -> Range:
    """Return the range of several alternatives, null last."""
    others = tuple(one for one in ranges if one != NULL)
    ordered = others + (NULL,) * (len(others) < len(ranges))
    return ordered[0] if len(ordered) == 1 else AnyOf(ordered)


def declared_range(annotation: Any) -> Range | None:
    """Return the range that is written in an annotation; None where it says a plain type, or nothing."""
    parts = (annotation, *get_args(annotation))
    return range_of(annotation) if any(get_origin(part) is Annotated for part in parts) else None


@cache
def fields_of(kind: Any) -> Mapping[str, Any]:
    """Return the annotations of the fields of a dataclass, or of the parameters of another class or of a function, by name."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind, include_extras=True)
        return {field.name: hints[field.name] for field in fields(kind)}
    called: Any = kind
    called = called.__init__ if isinstance(kind, type) else called
    hints = {name: hint for name, hint in get_type_hints(called, include_extras=True).items() if name != "return"}
    parameters = inspect.signature(called).parameters.values() if hints else ()
    optional = {parameter.name for parameter in parameters if parameter.default is None}  # Also of ``name: str = None``.
    return {name: hint | None if name in optional else hint for name, hint in hints.items()}
