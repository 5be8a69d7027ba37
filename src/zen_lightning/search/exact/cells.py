"""Cells of the kurtosis excess of activations, in which bounds treat it."""

import math
from dataclasses import dataclass

import numpy as np

from zen_lightning.proxy.closed_form import EXCESS_LEVELS
from zen_lightning.search.exact.arrays import Floats, Ints, Numbers

HIGHEST_EXCESS = 1e6
"""The closed form clips the excess there (``_MOST_EXCESS``); no network of the spaces comes near it."""

_APART = 1e-9
"""Smallest distance of the first and the last point of a grid. A choice: more than rounding."""

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
    def levels(self) -> Numbers:
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

    def offset(self, excess: Floats, at: Ints) -> Floats | None:
        """Return how far each excess is above the point of its cell; None where cells are intervals."""
        return None


class Grid(Cells):
    """Points of the state of a linear score, at which programs are solved exactly; see :class:`Chords`.

    Both edges of a cell are its point, and it reaches up to the next one.

    Args:
        points: the points, ascending, at least two.
    """

    def __init__(self, points: Floats) -> None:
        super().__init__(points, points)

    @property
    def levels(self) -> Numbers:
        """The points."""
        return self.low

    def below(self, excess: Floats) -> Ints:
        """Return the highest point that is not above each number; the first point for lower numbers."""
        return self.above(excess)

    def offset(self, excess: Floats, at: Ints) -> Floats | None:
        """Return how far each number is above its point; negative below the first one."""
        found: Floats = excess - self.low[at]
        return found

    @property
    def spans(self) -> Floats:
        """Distance of each point to the next one, up to which a chord reaches; 0 where none does."""
        return np.append(np.diff(self.low), 0.0)

    def within(self, smallest: float, largest: float) -> "Grid":
        """Return the grid with one more point on each side, where it is further out."""
        below, above = self.low[:1] > smallest, self.low[-1:] < largest
        return Grid(np.concatenate([np.array([smallest])[below], self.low, np.array([largest])[above]]))

    def paired(self) -> "Pairs":
        """Return the intervals between the points."""
        return Pairs(self.low)


class Pairs(Grid):
    """Intervals of the state of a linear score, both ends of each with a value, where networks must end with a least state.

    What may follow some state is then allowed for every larger state; what may follow the upper end of an interval contains
    what may follow any state inside. Both values of an interval are those of what may follow its upper end. Columns 2k and
    2k + 1 are the lower and the upper end of interval k, and states belong to column 2k.

    Args:
        points: the ends, ascending, at least two.
    """

    def __init__(self, points: Floats) -> None:
        Cells.__init__(self, np.repeat(points, 2)[1:-1], np.repeat(points[1:], 2))

    def above(self, excess: Floats) -> Ints:
        """Return the column of the interval that each number is in; at an end, the lower interval."""
        found: Ints = 2 * np.searchsorted(self.high[::2], excess, side="left")
        return np.minimum(found, len(self) - 2, out=found)

    @property
    def spans(self) -> Floats:
        """Length of the interval at its first column, 0 at the second."""
        lengths = self.high - self.low
        lengths[1::2] = 0.0
        return lengths


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


def grid(count: int, smallest: float, largest: float) -> Grid:
    """Return points at equal distances.

    Args:
        count: number of distances.
        smallest: the first point.
        largest: the last; where it is the first, up to rounding, one more follows.

    Example:
        >>> grid(2, 0.0, 5.0).low
        array([0. , 2.5, 5. ])
    """
    if not largest - smallest > _APART:
        smallest = smallest if math.isfinite(smallest) else 0.0
        return Grid(np.array([smallest, smallest + 1]))
    return Grid(np.linspace(smallest, largest, count + 1))
