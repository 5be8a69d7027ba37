"""The axes of a chart: from values to places."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10)
"""Steps between ticks, times a power of ten: round numbers."""

_FEW_DECADES = 1.7
"""Decades below which ticks also stand at 2 and 5. A choice: below it, powers of ten alone are one or two ticks."""

_FEW_TICKS = 3
"""Ticks at powers of ten that a logarithmic axis needs; with fewer, it has evenly spaced ones. A choice."""


_ABOVE_ALL = 102.0
"""End of an axis of percent that reaches 100: half of a mark more."""

_APART = 0.15
"""Share of a logarithmic axis between two ticks, at least. A choice: a number of five characters on a phone."""


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        low: value at its beginning.
        high: value at its end; not ``low``.
        label: what it says.
        text: a value as it is read.
        log: whether equal factors are equal distances; both ends are above 0 then.
        names: the names of the values 0, 1 and so on, where it has categories instead of numbers.
        at: where its ticks are; None for round values.
    """

    low: float
    high: float
    label: str
    text: Callable[[float], str] = "{:.6g}".format
    log: bool = False
    names: Sequence[str] = ()
    at: Sequence[float] | None = None

    def share(self, value: float) -> float:
        """Return where a value lies, from 0 at the beginning to 1 at the end.

        Example:
            >>> Axis(10, 1000, "iteration", str, log=True).share(100)
            0.5
        """
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def shows(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return min(self.low, self.high) <= value <= max(self.low, self.high)

    def ticks(self, count: int = 6) -> list[float]:
        """Return where to say values: at each category, or at about ``count`` round values.

        Example:
            >>> Axis(0, 11, "").ticks(), Axis(10, 5000, "", log=True).ticks(), categories(["a", "b"]).ticks()
            ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [10.0, 100.0, 1000.0], [0.0, 1.0])
        """
        if self.names or self.at is not None:
            return [float(value) for value in self.at or range(len(self.names))]
        decades = _decades(self.low, self.high) if self.log else []
        if len(decades) >= _FEW_TICKS:
            return decades
        even = _evenly(self.low, self.high, count)
        return self._apart(even) if self.log else even

    def _apart(self, ticks: Sequence[float]) -> list[float]:
        """Return the ticks that leave one another room for their texts: on a logarithmic axis the last of many crowd."""
        kept: list[float] = []
        for tick in ticks:
            if not kept or abs(self.share(tick) - self.share(kept[-1])) >= _APART:
                kept.append(tick)
        return kept

    def named(self, value: float) -> str:
        """Return a tick as it is read."""
        return self.names[round(value)] if self.names else self.text(value)


def categories(names: Sequence[str], label: str = "", downwards: bool = True) -> Axis:
    """Return an axis with a place for each of several names; ``downwards``, as a vertical one with the first above."""
    low, high = -0.5, max(len(names), 1) - 0.5
    return Axis(high, low, label, names=names) if downwards else Axis(low, high, label, names=names)


def spanning(values: Iterable[float], margin: float = 0.05, percent: bool = False) -> tuple[float, float]:
    """Return the ends of an axis that holds all values, with some room; never two equal ends.

    Args:
        values: one or more.
        margin: the room on each side, as a share of what they span.
        percent: whether they are shares from 0 to 100, beyond which there is room for a mark alone.

    Example:
        >>> spanning([1.0, 3.0], margin=0.5), spanning([2.0]), spanning([90.0, 100.0], margin=0.5, percent=True)
        ((0.0, 4.0), (1.0, 3.0), (85.0, 102.0))
    """
    values = list(values)
    low, high = min(values), max(values)
    room = margin * (high - low) or abs(high) / 2 or 1.0
    if percent:
        return max(0.0, low - room), min(high + room, _ABOVE_ALL)
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
