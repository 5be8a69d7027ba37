"""From values to places: the axes of a chart."""

import math
from collections.abc import Callable
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10)
_FEW_DECADES = 1.7
_FEW_TICKS = 3


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        low: value at its beginning.
        high: value at its end, above ``low``.
        label: what it says.
        text: a value as it is read.
        log: whether equal factors are equal distances; ``low`` is above 0 then.
    """

    low: float
    high: float
    label: str
    text: Callable[[float], str]
    log: bool = False

    def share(self, value: float) -> float:
        """Return where a value lies, from 0 at the beginning to 1 at the end.

        Example:
            >>> Axis(10, 1000, "iteration", str, log=True).share(100)
            0.5
        """
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, count: int = 6) -> list[float]:
        """Return about ``count`` round values.

        Example:
            >>> Axis(0, 11, "", str).ticks(), Axis(10, 5000, "", str, log=True).ticks()
            ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [10.0, 100.0, 1000.0])
        """
        decades = _decades(self.low, self.high) if self.log else []
        return decades if len(decades) >= _FEW_TICKS else _evenly(self.low, self.high, count)


def spanning(values: list[float], margin: float = 0.05) -> tuple[float, float]:
    """Return the ends of an axis that holds all values, with some room; never two equal ends.

    Example:
        >>> spanning([1.0, 3.0], margin=0.5), spanning([2.0])
        ((0.0, 4.0), (1.0, 3.0))
    """
    low, high = min(values), max(values)
    room = margin * (high - low) or abs(high) / 2 or 1.0
    return low - room, high + room


def _evenly(low: float, high: float, count: int) -> list[float]:
    raw = (high - low) / max(1, count)
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(step * size for step in _STEPS if step * size >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    factors = (1, 2, 5) if math.log10(high / low) < _FEW_DECADES else (1,)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [factor * 10.0**exponent for exponent in exponents for factor in factors]
    return [value for value in found if low * 0.999 <= value <= high * 1.001]
