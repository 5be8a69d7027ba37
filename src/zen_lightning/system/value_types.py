"""Types of values that users give, each with its range: what keys of the configuration are annotated with.

A range stands once, in the annotation: ``epochs: Count = 1440`` is an int for Python, and a whole number of 1 or more for
whoever checks the configuration.
"""

import inspect
import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from zen_lightning.errors import UserError
from zen_lightning.system.schema import FLAG, Number, Plain

_LONGEST_TEXT = 2**20
"""Characters of a text. A choice: no structure and no path is as long."""

_MANY = 2**31
"""Most of anything that is counted. A choice: more than any memory holds."""

_NULL = "null"

_LARGEST = 1e12
"""Of numbers whose size has no meaning of its own, such as weights. A choice: what is computed from them stays finite."""


class Range(Protocol):
    """What a value may be, with words for it."""

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong with a value that stands at ``where``; None if nothing is."""

    def phrase(self, value: Any) -> str:
        """Return what was expected in place of a value that is wrong: ``"a whole number, 1 or more"``."""


@dataclass(frozen=True)
class Text:
    """A text of at most so many characters."""

    longest: int = _LONGEST_TEXT

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        return None if isinstance(value, str) and len(value) <= self.longest else f"{where}: expected {self.phrase(value)}"

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        return f"{self.longest:,} characters or fewer" if isinstance(value, str) else "text"


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
    """A range that is told in words of its own."""

    range: Range
    words: str

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        return self.range.wrong(value, where)

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        return self.words


NULL = OneOf((None,))
TEXT = Text()
MAPPING = Plain((dict,), "a mapping")

Count = Annotated[int, Number(1, _MANY, whole=True)]
CountFrom0 = Annotated[int, Number(0, _MANY, whole=True)]
Pixels = Annotated[int, Number(1, 2**16, whole=True)]
Classes = Annotated[int, Number(1, 2**24, whole=True)]
Channels = Annotated[int, Number(1, 2**16, whole=True)]
BatchSize = Annotated[int, Number(1, 2**24, whole=True)]
Gpus = Annotated[float, Number(0, 4096)]
WholeGpus = Annotated[int, Number(0, 4096, whole=True)]
Cores = Annotated[int, Number(1, 4096, whole=True)]
Seed = Annotated[int, Number(0, 2**32 - 1, whole=True)]
"""What NumPy's generators and Lightning take."""

ShareAbove0 = Annotated[float, Number(above=0, high=1)]
Share = Annotated[float, Number(0, 1)]
ShareBelow1 = Annotated[float, Number(0, below=1)]
Positive = Annotated[float, Number(above=0, high=_LARGEST)]
From0 = Annotated[float, Number(0, _LARGEST)]
Finite = Annotated[float, Number(-_LARGEST, _LARGEST)]
Minutes = Annotated[float, Number(0, 1e6)]
Seconds = Annotated[float, Number(0, 86_400)]
WHOLE = Number(1, _MANY, whole=True)
Amount = Annotated[Any, Named(AnyOf((Number(), TEXT)), "a positive number, or a text such as 600M or auto")]
"""A limit: a number, or a text such as ``200k`` or ``auto``; its range is that of its kind of cost."""

Bounds = Annotated[Any, Named(AnyOf((WHOLE, Items(AnyOf((WHOLE, NULL))))), "[least,most], such as [2,6], or the least alone")]
"""The least, or the least and the most."""

_BATCH = Number(1, 2**24, whole=True)
BatchSizes = Annotated[Any, Named(AnyOf((_BATCH, Items(_BATCH))), "a count of images, or a list of counts")]
Layers = Annotated[Any, Named(Items(WHOLE), "a list of numbers of layers, such as [10,14,18]")]
LoaderWorkers = Annotated[Any, Named(AnyOf((Number(0, 4096, whole=True), OneOf(("auto",)))), "auto, or 0 or more")]
_DEVICES = "a number from 1, auto for all, or a list of device numbers such as [0,1]"
Devices = Annotated[Any, Named(AnyOf((Number(-1, 4096, whole=True), TEXT, Items(Number(0, 4095, whole=True)))), _DEVICES)]
GpuNumbers = Annotated[Sequence[int | str], Named(Items(AnyOf((Number(0, 4095, whole=True), TEXT))), "a list, such as '[0,1]'")]
"""GPUs as ``CUDA_VISIBLE_DEVICES`` names them: by number, or by name."""

_WORKERS = "a count of 1 or more, auto (one for each GPU or core) or ray"
Workers = Annotated[Any, Named(AnyOf((Number(1, 4096, whole=True), OneOf(("auto", "ray")))), _WORKERS)]
_PROXIES = "a list such as '[zen,naswot]' or '[{name: naswot, batch_size: 32}]'"
Proxies = Annotated[Any, Named(AnyOf((TEXT, MAPPING, Items(AnyOf((TEXT, MAPPING))))), _PROXIES)]
Mappings = Annotated[
    Any, Named(AnyOf((MAPPING, Items(MAPPING))), "costs such as {flops: 10%}, or a list of these; [] for none")
]
CostBounds = Annotated[Any, Named(MAPPING, "a cost and its bounds, such as {flops: [300M, 400M]}; {} for none")]
Stages = Annotated[Any, Plain((list,), "a list of stages, each with a name and overrides")]
AnyMapping = Annotated[Any, MAPPING]
WEIGHTS = AnyOf((TEXT, Items(Number(0, _LARGEST)), Entries(Number(0, _LARGEST))))
Images = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), "a folder of images, a list of images, or the name of a dataset")]
_FORMATS = "the name of a format, or a list of names such as '[onnx,torch_export]'"
Formats = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), _FORMATS)]
PercentagePoints = Annotated[float, Named(Number(0, 100), "percentage points, from 0 to 100")]
ClassName = Annotated[Any, Named(AnyOf((TEXT, Number(0, _MANY, whole=True))), "a name or a whole number")]
"""The name of a class: YAML reads a folder called ``7`` as a number."""

OneNetwork = Annotated[str, Named(TEXT, "one structure, name of the zoo, file, or folder of a run")]
Names = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), "a name, or a list of names")]
Overrides = Annotated[Any, Named(AnyOf((TEXT, Items(TEXT))), "a list of overrides such as '[distillation.logit_weight=0]'")]
Texts = Annotated[Any, AnyOf((TEXT, Items(TEXT)))]
"""One text, or a list of some."""


def range_of(annotation: Any) -> Range | None:
    """Return the range that an annotation declares; None for a type that lets anything through, such as a bare ``float``.

    Args:
        annotation: of a field or a parameter, as ``get_type_hints(..., include_extras=True)`` has it.

    Example:
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


def is_text(wanted: Range) -> bool:
    """Whether a range takes text, or a list of texts, and no numbers.

    Example:
        >>> is_text(range_of(str | None)), is_text(range_of(Texts)), is_text(range_of(Count | str))
        (True, True, False)
    """
    if isinstance(wanted, AnyOf):
        return all(map(is_text, wanted.ranges))
    inner = wanted.each if isinstance(wanted, Items) else wanted.range if isinstance(wanted, Named) else None
    return isinstance(wanted, Text) or wanted == NULL or (inner is not None and is_text(inner))


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


def refusal(wanted: Range, value: Any, key: str) -> UserError | None:
    """Return the error for a value that is not of a range; None where it is. Nothing that is computed with takes NaN.

    Example:
        >>> print(refusal(range_of(Count), float("nan"), "epochs"))
        epochs=nan: expected a whole number, 1 or more
        >>> print(refusal(range_of(Literal["pad", "none"] | None), "pads", "crop"))
        crop=pads: did you mean 'pad'? Choose from: pad, none, null
    """
    if wanted.wrong(value, key) is None and not _has_nan(value):
        return None
    if isinstance(value, str) and (names := _names(wanted)):
        return UserError(key=key, value=value, choices=names)
    return UserError(key=key, value=as_yaml(value), expected=wanted.phrase(value))


def _names(wanted: Range) -> list[str]:
    """Return the texts that a value may be, null the last; none where it may be anything else."""
    ranges = wanted.ranges if isinstance(wanted, AnyOf) else (wanted,)
    choices = [choice for one in ranges if isinstance(one, OneOf) for choice in one.choices]
    are_names = all(isinstance(one, OneOf) for one in ranges) and all(isinstance(one, str | None) for one in choices)
    return [as_yaml(choice) for choice in choices] if are_names else []


def check_fields(owner: Any, others: Sequence[str] = ()) -> None:
    """Raise a UserError for the first field of a dataclass whose value is not of its range.

    Args:
        owner: the object.
        others: fields that it checks itself, since they depend on more.
    """
    kind: type = type(owner)
    for name, hint in fields_of(kind).items():
        wanted = range_of(hint) if name not in others else None
        problem = refusal(wanted, getattr(owner, name), name) if wanted is not None else None
        if problem is not None:
            raise problem


def _any_of(ranges: Sequence[Range]) -> Range:
    """Return the range of several alternatives, null last."""
    others = tuple(one for one in ranges if one != NULL)
    ordered = others + (NULL,) * (len(others) < len(ranges))
    return ordered[0] if len(ordered) == 1 else AnyOf(ordered)


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(map(_has_nan, inner))


def as_yaml(value: Any) -> str:
    """Return a value as a user writes it: null, true and false are words."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
