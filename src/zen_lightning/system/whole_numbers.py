"""Whole numbers that are written with a decimal point, or with an exponent: 64.0 is 64, and 1e5 is 100,000."""

import math
from typing import Any

from zen_lightning.system.value_ranges import Range

_EXACT = 2**53
"""Below it, floating-point numbers hold every whole number."""


def as_whole(value: Any) -> Any:
    """Return numbers without fraction as whole ones, also those in a list or tuple; an empty tuple where one is none.

    Example:
        >>> as_whole(64.0), as_whole([1e2, 3]), as_whole(1.5), as_whole(True)
        (64, [100, 3], (), ())
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else ()
    if isinstance(value, list | tuple):
        items = [as_whole(item) for item in value]
        return () if () in items else type(value)(items) if type(value) in (list, tuple) else items
    return value if isinstance(value, int) and not isinstance(value, bool) else ()


def whole_where_asked(wanted: Range, value: Any) -> Any:
    """Return a value as whole numbers where a range takes only these; a value that fits, or cannot be made to, as it is.

    Example:
        >>> from zen_lightning.system.schema import Number
        >>> count = Number(1, whole=True)
        >>> whole_where_asked(count, 2.0), whole_where_asked(count, 2.5), whole_where_asked(Number(), 2.0)
        (2, 2.5, 2.0)
    """
    if wanted.wrong(value, "") is None or (isinstance(value, float) and math.isnan(value)):
        return value
    whole = as_whole(value)
    return whole if whole != () and wanted.wrong(whole, "") is None else value
