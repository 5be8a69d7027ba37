"""How a user writes a count."""

import math
import re
from typing import Any

from zen_lightning.errors import UserError

_SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}
_COUNT = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)((?:[eE][+]?[0-9]{1,2})?)\s*([kKmMgGbB]?)\s*")

EXPECTED = "a positive count such as 600000000, 600e6, 600K, 0.6G or 600M"


def parse_count(value: str | float, name: str, expected: str = EXPECTED) -> int:
    """Return a count that a user wrote as ``600000000``, ``600e6``, ``600M``, ``600K`` or ``0.6G``.

    Suffixes are thousands, millions and billions in either case; ``m`` is a million too (:func:`count_note`).

    Args:
        value: what was written.
        name: of the key, for the error.
        expected: what would be right, for the error.

    Raises:
        UserError: it is not a positive count.

    Example:
        >>> parse_count("1.5M", "budget.params"), parse_count("600K", "budget.params"), parse_count("0.6G", "budget.flops")
        (1500000, 600000, 600000000)
    """
    match = _COUNT.fullmatch(str(value))
    number = float(match[1].replace("_", "") + match[2]) * _SUFFIXES[match[3].lower()] if match else 0.0
    count = round(number) if math.isfinite(number) else 0
    if count < 1:
        raise UserError(key=name, value=value, expected=expected)
    return count


def count_note(value: Any, name: str) -> str:
    """Return what to tell of a count that could be read otherwise, ``600m``; empty where there is nothing to tell.

    Args:
        value: what was written.
        name: of the key.

    Example:
        >>> count_note("600m", "budget.flops")
        'budget.flops=600m is read as 600M: 600 million'
    """
    match = _COUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[3] != "m":
        return ""
    number = f"{match[1]}{match[2]}"
    return f"{name}={value} is read as {number}M: {number} million"
