"""Values checked by their ranges: an error says what is wrong, and what was expected."""

import math
from collections.abc import Sequence
from typing import Any

from zen_lightning.errors import UserError, as_yaml
from zen_lightning.system.annotations import fields_of, range_of
from zen_lightning.system.value_ranges import AnyOf, OneOf, Range
from zen_lightning.system.whole_numbers import whole_where_asked


def refusal(wanted: Range, value: Any, key: str) -> UserError | None:
    """Return the error for a value that is not of a range; None where it is. Nothing that is computed with takes NaN.

    Example:
        >>> from typing import Literal
        >>> from zen_lightning.system.value_types import Count
        >>> print(refusal(range_of(Count), float("nan"), "epochs"))
        epochs=nan: expected a whole number, 1 or more
        >>> print(refusal(range_of(Literal["pad", "none"] | None), "pads", "crop"))
        crop=pads: did you mean 'pad'? Choose from: pad, none, null
    """
    if wanted.wrong(value, key) is None and not _has_nan(value):
        return None
    if isinstance(value, str) and (names := _names(wanted)):
        return UserError(key=key, value=value, choices=names)
    return UserError(key=key, value=value, expected=wanted.phrase(value))


def check_fields(owner: Any, others: Sequence[str] = ()) -> None:
    """Raise a UserError for the first field of a dataclass whose value is not of its range.

    A number without fraction becomes a whole one where that is asked.

    Args:
        owner: the object.
        others: fields that it checks itself, since they depend on more.
    """
    kind: type = type(owner)
    for name, hint in fields_of(kind).items():
        wanted = range_of(hint) if name not in others else None
        if wanted is None:
            continue
        given = getattr(owner, name)
        value = whole_where_asked(wanted, given)
        if value is not given:
            object.__setattr__(owner, name, value)  # The class may be frozen.
        problem = refusal(wanted, value, name)
        if problem is not None:
            raise problem


def _names(wanted: Range) -> list[str]:
    """Return the texts that a value may be, null the last; none where it may be anything else."""
    ranges = wanted.ranges if isinstance(wanted, AnyOf) else (wanted,)
    choices = [choice for one in ranges if isinstance(one, OneOf) for choice in one.choices]
    are_names = all(isinstance(one, OneOf) for one in ranges) and all(isinstance(one, str | None) for one in choices)
    return [as_yaml(choice) for choice in choices] if are_names else []


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(map(_has_nan, inner))
