"""Cells of the kurtosis excess of activations, in which bounds treat it."""

import math
from dataclasses import dataclass

import numpy as np

from zen_lightning.proxy.closed_form import EXCESS_LEVELS
from zen_lightning.search.exact.arrays import Floats, Ints

HIGHEST_EXCESS = 1e6
"""The closed form clips the excess there (``_MOST_EXCESS``); no network of the spaces comes near it."""

_OFFSET = 0.05
"""Cells have equal size in ln(x + 0.05). A choice: a large excess matters less, so it is rounded more coarsely."""


@dataclass(frozen=True)
class Cells:
    """Adjacent closed intervals from the smallest to the largest excess of interest.

    Values outside belong to the first or the last interval.

    Attributes:
        low: lower edge of each interval.
        high: upper edge of each interval, which is the lower edge of the next.
    """

    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.low)

    @property
    def levels(self) -> Ints:
        """The highest level of the excess in each cell, in steps of 1/32."""
        levels: Ints = (self.high * EXCESS_LEVELS).astype(np.int64)
        return levels

    def above(self, excess: Floats) -> Ints:
        """Return the cell of each excess; at an edge, the higher of two."""
        found: Ints = np.searchsorted(self.low, excess, side="right") - 1
        return np.maximum(found, 0, out=found)

    def below(self, excess: Floats) -> Ints:
        """Return the cell of each excess; at an edge, the lower of two."""
        found: Ints = np.searchsorted(self.high, excess, side="left")
        return np.minimum(found, len(self) - 1, out=found)


def excess_cells(count: int, smallest: float = 0.0, largest: float = HIGHEST_EXCESS) -> Cells:
    """Return cells that are narrow where the excess is small.

    Args:
        count: number of cells.
        smallest: lower edge of the first.
        largest: upper edge of the last.

    Example:
        >>> excess_cells(2, 0.0, 1.0).high.round(3)
        array([0.179, 1.   ])
    """
    edges = np.exp(np.linspace(math.log(smallest + _OFFSET), math.log(largest + _OFFSET), count + 1)) - _OFFSET
    edges[0], edges[-1] = smallest, largest
    return Cells(edges[:-1], edges[1:])
