"""Images of more than 8 bits a channel: which value is black, and which is white."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.stated_depth import used_bits
from zen_lightning.errors import UserError

_DEPTHS = (8, 12, 16, 24, 32)
"""Bits of grey that files have. A choice: the depths of cameras, scanners and file formats."""

_LEVELS = 256


class GreyRange(NamedTuple):
    """What becomes the 256 levels of 8 bits, in steps of equal size; values outside become black or white.

    Attributes:
        low: where black begins.
        high: where white ends: 4096 of 12 bits, 1 of floating point from 0 to 1.
    """

    low: float
    high: float

    @classmethod
    def read(cls, value: Any, key: str = "grey_range") -> "GreyRange":
        """Return a range from two numbers.

        Raises:
            UserError: it is no range.
        """
        try:
            low, high = (float(one) for one in value)
            fits = low < high and np.isfinite([low, high]).all()
        except (TypeError, ValueError):
            fits = False
        if not fits or isinstance(value, str):
            raise UserError(
                key=key, value=value, expected="two numbers, black and white, such as [0, 4096]; or {None} to measure them"
            )
        return cls(low, high)

    @classmethod
    def of(cls, low: float, high: float, whole: bool, bits: int | None = None) -> "GreyRange":
        """Return the range of values from ``low`` to ``high``.

        Files seldom say how many bits of 16 are used: cameras and scanners write 12 bits into 16, other programs 8. Where they
        do not, and without negative values, the range is that of the least usual depth that holds the largest value: 8, 12, 16,
        24 or 32 bits; from 0 to 1 for floating point that does not exceed it. With negative values it is what was found.

        Args:
            low: the smallest value.
            high: the largest value.
            whole: whether the values are whole numbers by their type.
            bits: how many bits the files say are used; None: they do not say it.

        Example:
            >>> GreyRange.of(3, 700, whole=True, bits=10)
            GreyRange(low=0, high=1024)
            >>> GreyRange.of(3, 2900, whole=True), GreyRange.of(0.0, 0.7, whole=False), GreyRange.of(-1000, 3071, whole=True)
            (GreyRange(low=0, high=4096), GreyRange(low=0, high=1), GreyRange(low=-1000, high=3072))
        """
        if low < 0:
            return cls(low, high + 1 if whole else max(high, low + 1))
        if bits and whole and high < 2**bits:
            return cls(0, 2**bits)
        if not whole and high <= 1:
            return cls(0, 1)
        bits = next((depth for depth in _DEPTHS if high < 2**depth), 0)
        return cls(0, 2**bits if bits else high)

    def __str__(self) -> str:
        """Return the range as a key takes it.

        Example:
            >>> str(GreyRange(0, 4096)), str(GreyRange(-0.5, 1))
            ('[0,4096]', '[-0.5,1]')
        """
        return f"[{self.low:.10g},{self.high:.10g}]"


class Extent(NamedTuple):
    """The values of one image, or of several.

    Attributes:
        low: the smallest.
        high: the largest.
        whole: whether all are whole numbers by their type.
        bits: the most that a file says are used; None where none says it.
    """

    low: float
    high: float
    whole: bool
    bits: int | None = None

    @classmethod
    def of(cls, values: NDArray[Any], stated: int | None = None) -> "Extent":
        """Return that of an array; values that are no numbers do not count.

        Args:
            values: of any shape.
            stated: the bits that their file states.
        """
        whole = values.dtype.kind != "f"
        known = values if whole else values[np.isfinite(values)]
        if not known.size:
            return cls(0.0, 0.0, whole)
        bits = used_bits(stated, known) if stated and whole else None
        return cls(float(known.min()), float(known.max()), whole, bits)

    @classmethod
    def over(cls, extents: Iterable["Extent"]) -> "Extent | None":
        """Return that of several together; None of none."""
        found = list(extents)
        if not found:
            return None
        low, high, whole, bits = zip(*found, strict=True)
        return cls(min(low), max(high), all(whole), max(filter(None, bits), default=None))

    @property
    def range(self) -> GreyRange:
        """The range that these values are scaled by."""
        return GreyRange.of(*self)


def grey_levels(values: NDArray[Any], over: GreyRange | None = None, stated: int | None = None) -> NDArray[np.uint8]:
    """Return grey values of any type as 8 bits.

    Args:
        values: of any shape.
        over: what is black and what is white; None: by these values alone, see :meth:`GreyRange.of`.
        stated: the bits that the file states; None: it states none.

    Returns:
        the levels; values that are no numbers are black.

    Example:
        >>> grey_levels(np.array([0, 2048, 4095], dtype=np.uint16)).tolist(), grey_levels(np.array([0.0, 0.5, 1.0])).tolist()
        ([0, 128, 255], [0, 128, 255])
        >>> grey_levels(np.array([0, 2048, 4095], dtype=np.uint16), GreyRange(0, 65536)).tolist()
        [0, 8, 15]
    """
    low, high = Extent.of(values, stated).range if over is None else over
    exact = np.nan_to_num(values.astype(np.float64), nan=low, posinf=low, neginf=low)
    # Whole steps, as a shift of bits makes them: black stays black, and each level has as many values as any other.
    levels: NDArray[np.uint8] = np.floor((exact - low) * (_LEVELS / (high - low))).clip(0, _LEVELS - 1).astype(np.uint8)
    return levels
