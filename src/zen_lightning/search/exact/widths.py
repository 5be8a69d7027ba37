"""The widths of blocks."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import Ints

STEP = 8
"""Mutations reach every multiple of it, and no other width: :func:`~zen_lightning.arch.super_res.round_to_8`."""


@dataclass(frozen=True)
class Widths:
    """Widths in ascending order, which blocks refer to by number.

    Attributes:
        channels: channels of each width.
    """

    channels: Ints

    def __len__(self) -> int:
        return len(self.channels)

    def numbers(self, channels: Iterable[int]) -> Ints:
        """Return the numbers of some widths, ascending; widths that are not in the list are left out."""
        wanted = np.array(sorted(set(channels)), np.int64)
        numbers: Ints = np.flatnonzero(np.isin(self.channels, wanted))
        return numbers


def multiples_up_to(largest: int, also: Iterable[int] = ()) -> Widths:
    """Return all multiples of 8 up to ``largest``, and some additional widths.

    Example:
        >>> multiples_up_to(24, also=[30]).channels
        array([ 8, 16, 24, 30])
    """
    return Widths(np.array(sorted({*range(STEP, largest + 1, STEP), *also}), np.int64))


def spread(widths: Widths, factor: float, largest: int) -> Ints:
    """Return the numbers of widths up to ``largest`` that rise by about a factor."""
    chosen: list[int] = []
    for number in np.flatnonzero((widths.channels % STEP == 0) & (widths.channels <= largest)).tolist():
        if not chosen or widths.channels[number] >= factor * widths.channels[chosen[-1]]:
            chosen.append(number)
    return np.array(chosen)
