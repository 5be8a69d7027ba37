"""Random numbers that depend on the seed, the epoch and the image alone, for many images at once.

Each image of an epoch has its own stream of SplitMix64 (G. Steele, D. Lea, C. Flood, 2014, "Fast splittable pseudorandom number
generators", https://doi.org/10.1145/2660193.2660195): a counter through a mixing function, so that a column is a handful of
operations on arrays, whatever other columns are used.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.samples import mixed_seed

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""The odd constant and the two multipliers of SplitMix64."""

_OWN = -1
"""Tells these streams from those of single images, whose index is 0 or more."""

STAGE_COLUMNS = 3
"""Numbers that one operation of a policy draws at most: which, its sign, its strength."""

TRIES = 10
"""Rectangles tried at most for an image: as in torchvision's ``RandomErasing`` and ``RandomResizedCrop``."""

STAGE_COUNT = 2
"""Operations that a policy applies to an image at most."""


class Column(IntEnum):
    """What each number of an image is for; a use that takes several begins at its name."""

    TOP = 0
    LEFT = 1
    FLIP = 2
    CHOICE = 3
    STAGES = 4
    LIGHTING = STAGES + STAGE_COLUMNS * STAGE_COUNT  # Three normal numbers, each of two columns.
    ERASED = LIGHTING + 6
    ERASED_TOP = ERASED + 1
    ERASED_LEFT = ERASED_TOP + 1
    ERASED_SHAPE = ERASED_LEFT + 1
    CROPPED_SHAPE = ERASED_SHAPE + 2 * TRIES


_INDEX_BITS = 40
"""Bits of an index. A choice: beyond any number of images."""


class Draws:
    """The numbers of some images of an epoch.

    Args:
        seed: of the training.
        epoch: counted from 0.
        indices: of the images, int64, shape (images,).
        times: how often each was shown before in this epoch, likewise; None: never.

    Example:
        >>> some, all_three = Draws(0, 5, np.array([7])), Draws(0, 5, np.array([3, 7, 9]))
        >>> bool(some.uniform(Column.TOP)[0] == all_three.uniform(Column.TOP)[1])
        True
    """

    def __init__(self, seed: int, epoch: int, indices: NDArray[np.int64], times: NDArray[np.int64] | None = None) -> None:
        if times is not None:
            indices = indices + (times << _INDEX_BITS)
        base = np.uint64(mixed_seed(seed, epoch, _OWN))
        with np.errstate(over="ignore"):
            self._states = _mixed(base + indices.astype(np.uint64) * _GAMMA)

    def __len__(self) -> int:
        return len(self._states)

    def uniform(self, column: int) -> NDArray[np.float64]:
        """Return a number from 0 to below 1 for each image, 53 bits each."""
        with np.errstate(over="ignore"):
            bits = _mixed(self._states + np.uint64(column + 1) * _GAMMA)
        return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def whole(self, column: int, below: "int | NDArray[np.int64]") -> NDArray[np.int64]:
        """Return a whole number from 0 to below a bound for each image."""
        return (self.uniform(column) * below).astype(np.int64)

    def normal(self, column: int) -> NDArray[np.float64]:
        """Return a number of N(0, 1) for each image, from two columns (G. Box and M. Muller, 1958)."""
        radius = np.sqrt(-2 * np.log1p(-self.uniform(column)))
        found: NDArray[np.float64] = radius * np.cos(2 * np.pi * self.uniform(column + 1))
        return found


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
