"""Public functions whose arguments are checked against their annotations, before anything is done with them."""

import builtins
import inspect
import math
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from zen_lightning.errors import UserError
from zen_lightning.system.annotations import range_of
from zen_lightning.system.numbers import is_number
from zen_lightning.system.schema import Number, Plain
from zen_lightning.system.unusable import unusable_path
from zen_lightning.system.value_ranges import NULL, TEXT, AnyOf, Range
from zen_lightning.system.whole_numbers import whole_where_asked

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

_SHOWN = 200
"""Characters of a value of a wrong type that are told. A choice: objects may print as pages."""

_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_FUNCTION: Any = Callable
_FLAG = Plain((bool,), "{True} or {False}")


@dataclass(frozen=True)
class Fits:
    """What a test accepts, with words for it."""

    test: Callable[[Any], bool]
    words: str

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong; the value is not printed, which may take long."""
        return None if self.test(value) else f"{where}: expected {self.words}"

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        return self.words


PATH = Fits(lambda value: isinstance(value, os.PathLike) and "\0" not in os.fspath(value), "a path")
_MAPPING = Fits(lambda value: isinstance(value, Mapping), "a mapping")
CALLABLE = Fits(callable, "a function")


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that checks its arguments first, by the types and ranges of their annotations.

    A number of NumPy is the number that it holds, and 64.0 is 64 where a whole number is asked for. A file that the system
    refuses, which one of the arguments names, is an error about that argument: a folder in place of a file, a name that is too
    long, no permission. What is annotated as ``Any``, and the entries of ``**settings``, are for the function to check.

    Raises:
        UserError: from the function: an argument is not of its type, or out of its range; it names the parameter.

    Example:
        >>> from zen_lightning.system.value_types import Minutes
        >>> @checked
        ... def search(minutes: Minutes | None = None, folder: str = "") -> Any:
        ...     return minutes
        >>> search(5), search()
        (5, None)
        >>> search("5")
        Traceback (most recent call last):
        zen_lightning.errors.UserError: minutes='5': expected a number, 0 or more, or None
    """
    signature = inspect.signature(function)

    @wraps(function)
    def call(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            bound = signature.bind(*arguments, **named)
        except TypeError:
            return function(*arguments, **named)  # Python says what is missing, or unknown.
        ranges = _ranges(function)
        for name, value in bound.arguments.items():
            wanted = ranges.get(name)
            if wanted is None:
                continue
            bound.arguments[name] = value = whole_where_asked(wanted, _plain(value))
            if wanted.wrong(value, name) is not None or (isinstance(value, float) and math.isnan(value)):
                raise UserError(key=name, value=_shown(value), expected=_expected(wanted, value))
        try:
            return function(*bound.args, **bound.kwargs)
        except OSError as error:
            paths = {name: os.fspath(one) or "." for name, one in bound.arguments.items() if isinstance(one, str | os.PathLike)}
            problem = unusable_path(error, paths)
            if problem is None:
                raise
            raise problem from error

    return call


def checked_fields(kind: C) -> C:
    """Return a dataclass whose fields are checked as it is made, as :func:`checked` has it."""
    owner: Any = kind
    made = owner.__init__
    made.__annotations__ = dict(kind.__annotations__)
    made.__module__ = kind.__module__
    owner.__init__ = checked(made)
    return kind


@cache
def _ranges(function: Callable[..., Any]) -> Mapping[str, Range]:
    """Return the ranges of the parameters that say what they take."""
    parameters = inspect.signature(function).parameters.values()
    known = vars(sys.modules[function.__module__])
    hints = get_type_hints(function, known, _Unknown(known), include_extras=True)
    found = {}
    for parameter in parameters:
        hint = hints.get(parameter.name)
        wanted = None if hint is None or parameter.kind in _OPEN else argument_range(hint)
        if wanted is not None and parameter.default is None:
            wanted = _any_of([wanted, NULL])
        if wanted is not None:
            found[parameter.name] = wanted
    return found


def argument_range(annotation: Any) -> Range | None:
    """Return what an annotation lets through, types of Python included; None for whatever there is.

    Example:
        >>> argument_range(int | None).phrase("x"), argument_range(Callable[[int], None]).phrase(1), argument_range(Any)
        ('a whole number, or null', 'a function', None)
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated or origin is Literal or annotation is type(None):
        return range_of(annotation)
    simple: dict[Any, Range] = {bool: _FLAG, int: Number(whole=True), float: Number(), str: TEXT}
    if annotation in simple:
        return simple[annotation]
    if origin in (Union, types.UnionType):
        ranges = [argument_range(one) for one in inner]
        return None if None in ranges else _any_of([one for one in ranges if one is not None])
    kind: Any = origin or annotation
    if not isinstance(kind, type) or kind is Any:
        return None
    if kind is _FUNCTION:
        return CALLABLE
    if kind is type:
        return _class(inner[0] if inner and isinstance(inner[0], type) else object)
    if issubclass(kind, os.PathLike):
        return PATH
    if issubclass(kind, Sequence) and not is_named_tuple(kind):
        return _items(argument_range(inner[0]) if inner else None)
    if issubclass(kind, Mapping):
        return _MAPPING  # What is in it is for the function to check.
    return _instance(kind)


def is_named_tuple(kind: type) -> bool:
    """Whether a class is a named tuple, which is no list of things."""
    return hasattr(kind, "_fields")


def _class(of: type) -> Range:
    words = "a class" if of is object else f"a class derived from {of.__name__}"
    return Fits(lambda value: isinstance(value, type) and issubclass(value, of), words)


def _instance(kind: type) -> Range | None:
    if kind is object or getattr(kind, "_is_protocol", False):
        return None
    words = f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}"
    if issubclass(kind, _Later):
        return Fits(lambda value: any(one.__name__ == kind.__name__ for one in type(value).__mro__), words)
    return Fits(lambda value: isinstance(value, kind), words)


def _items(each: Range | None) -> Range:
    def test(value: Any) -> bool:
        is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        return is_list and (each is None or all(each.wrong(item, "") is None for item in value))

    return Fits(test, "a list" if each is None else f"a list, each item {each.phrase(None)}")


def _any_of(ranges: Sequence[Range]) -> Range:
    """Return the range of several, in one level, None last."""
    flat = [one for each in ranges for one in (each.ranges if isinstance(each, AnyOf) else (each,))]
    ordered = (*(one for one in flat if one != NULL), *([NULL] if NULL in flat else []))
    return ordered[0] if len(ordered) == 1 else AnyOf(ordered)


def _expected(wanted: Range, value: Any) -> str:
    """Return what was expected, in the words of Python, or of YAML where the error becomes one about a key."""
    ranges = wanted.ranges if isinstance(wanted, AnyOf) else (wanted,)
    others = tuple(one for one in ranges if one != NULL)
    words = AnyOf(others).phrase(value) if others else "{None}"
    return f"{words}, or {{None}}" if len(others) < len(ranges) else words


def _plain(value: Any) -> Any:
    """Return the number that a number of NumPy holds, and the list that an array holds; all else as it is."""
    if type(value).__module__ != "numpy" or not hasattr(value, "tolist"):
        return value
    return value.tolist()


def _shown(value: Any) -> str:
    """Return a value as it was written; text has quotation marks where it would look like something else without them."""
    if isinstance(value, str) and value.strip() and value.isprintable() and not is_number(value):
        return value
    try:
        text = repr(value)
    except Exception:  # Of somebody's class.
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({type(value).__name__})"


class _Named(type):
    """The type of names that annotations hold as text, of what is imported for type checkers alone."""

    def __getattr__(cls, name: str) -> "_Named":
        if name.startswith("_"):
            raise AttributeError(name)
        return _later(name)


class _Later(metaclass=_Named):
    """Stands for a class that is not imported: whatever has a class of its name fits."""


@cache
def _later(name: str) -> _Named:
    return _Named(name, (_Later,), {})


class _Unknown(dict[str, Any]):
    """The names that a module does not have when its annotations are read; Python asks here first."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, name: str) -> Any:
        if name in self._known or hasattr(builtins, name):
            raise KeyError(name)
        return _later(name)
