"""Checks that every proxy makes of its arguments and its values."""

import math
from collections.abc import Sequence

from zen_lightning.errors import UserError, nearest
from zen_lightning.proxy.base import CannotScoreError


def finite(value: float, what: str) -> float:
    """Return the value; raise a CannotScoreError if it is not finite."""
    if not math.isfinite(value):
        raise CannotScoreError(f"{what} is {value}: not a finite number")
    return value


def check_counts(counts: dict[str, int]) -> None:
    """Raise a UserError unless every value is 1 or more."""
    for key, value in counts.items():
        if value < 1:
            raise UserError(f"{key}={value}: expected 1 or more")


def check_variant(variant: str, known: Sequence[str], name: str) -> None:
    """Raise a UserError unless a proxy has this variant."""
    if variant not in known:
        raise UserError(f"variant={variant!r}: {name} has {' and '.join(known)}{nearest(variant, list(known))}")
