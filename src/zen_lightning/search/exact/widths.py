"""The widths that blocks may have."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import Ints

STEP = 8
"""Mutations reach every multiple of it, and nothing else."""


@dataclass(frozen=True)
class Widths:
    """Widths in ascending order; blocks hold numbers of this list.

    Attributes:
        channels: of each.
    """

    channels: Ints

    def __len__(self) -> int:
        return len(self.channels)

    def numbers(self, channels: Iterable[int]) -> Ints:
        """Return which of the list some widths are, ascending; those that are not in it are left out."""
        wanted = np.array(sorted(set(channels)), np.int64)
        numbers: Ints = np.flatnonzero(np.isin(self.channels, wanted))
        return numbers


def multiples_up_to(largest: int, also: Iterable[int] = ()) -> Widths:
    """Return all multiples of 8 up to ``largest``, and some widths besides.

    Example:
        >>> multiples_up_to(24, also=[30]).channels
        array([ 8, 16, 24, 30])
    """
    return Widths(np.array(sorted({*range(STEP, largest + 1, STEP), *also}), np.int64))


def spread(widths: Widths, factor: float, largest: int) -> Ints:
    """Return the numbers of widths up to ``largest`` that rise by about a factor."""
    chosen = [0]
    for number in range(1, len(widths)):
        if widths.channels[number] <= largest and widths.channels[number] >= factor * widths.channels[chosen[-1]]:
            chosen.append(number)
    return np.array(chosen)
