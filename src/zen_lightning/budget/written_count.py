"""How a user writes a count."""

import math
import re

from zen_lightning.errors import UserError

_SUFFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}
_COUNT = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+]?[0-9]{1,2})?)\s*([kMGB]?)\s*")

EXPECTED = "a positive count such as 600000000, 600e6 or 600M"


def parse_count(value: str | float, name: str, expected: str = EXPECTED) -> int:
    """Return a count that a user wrote as ``600000000``, ``600e6`` or ``600M``.

    Args:
        value: what was written.
        name: of the key, for the error.
        expected: what would be right, for the error.

    Raises:
        UserError: it is not a positive count.

    Example:
        >>> parse_count("1.5M", "budget.params")
        1500000
    """
    match = _COUNT.fullmatch(str(value))
    number = float(match.group(1).replace("_", "")) * _SUFFIXES[match.group(2)] if match else 0.0
    count = round(number) if math.isfinite(number) else 0
    if count < 1:
        raise UserError(key=name, value=value, expected=expected)
    return count
