"""Mean and standard deviation of the channels of a set of images."""

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.decode import opened
from zen_lightning.data.paths import Paths
from zen_lightning.data.pixels import pixels_of
from zen_lightning.data.source import Images, Statistics
from zen_lightning.system.cores import available_cores
from zen_lightning.system.live_bar import with_bar

_MOST = 10_000
"""Images measured at most. A choice: the standard error of a mean is then 1% of the spread between images."""

_LEAST_STD = 1 / 255
"""The smallest standard deviation: one step of 8 bits, because images are divided by it."""

_MOST_HEADS = 1_000
"""Files whose size is read at most. A choice: a median needs no more, and each costs a file to open."""

_LARGEST_SIDE, _SIDE_STEP = 224, 8
"""Largest side that is proposed (the resolution of ImageNet networks), and what it is a multiple of. A choice: the stages of a
network halve a side several times."""


def evenly_spread(count: int, most: int = _MOST) -> NDArray[np.int64]:
    """Return at most ``most`` indices below ``count``, evenly spread.

    Example:
        >>> evenly_spread(7, 3).tolist()
        [0, 2, 4]
    """
    picked = min(count, most)
    return np.arange(picked, dtype=np.int64) * count // max(picked, 1)


def channel_statistics(images: Images, indices: NDArray[np.int64]) -> tuple[Statistics, Statistics]:
    """Return mean and standard deviation of the channels over all pixels, of values from 0 to 1.

    Each image counts alike, whatever its size. The result does not depend on the number of cores. A channel that never changes
    has the standard deviation 1/255: it is divided by.

    Args:
        images: the images to measure.
        indices: which of them.

    Raises:
        UserError: an image cannot be read.
    """

    def moments(index: int) -> NDArray[np.float64]:
        pixels = pixels_of(images, index).astype(np.float64).reshape(-1, 3) / 255
        return np.stack([pixels.mean(axis=0), np.square(pixels).mean(axis=0)])

    measured = bounded_map(moments, indices.tolist(), available_cores())
    parts = list(with_bar(measured, len(indices), "measuring", "images"))
    first, second = np.mean(parts, axis=0)
    std = np.sqrt(np.maximum(second - np.square(first), _LEAST_STD**2))
    return _three(first), _three(std)


def common_size(paths: Paths) -> int:
    """Return the median of the shorter sides of images, down to a multiple of 8, at least 8 and at most 224.

    Args:
        paths: of the files, of which at most 1,000 are looked at, and no more than their heads; what is no image is left out.
    """
    sides = []
    for index in evenly_spread(len(paths), _MOST_HEADS).tolist():
        try:
            with opened(paths[index]) as file:
                sides.append(min(file.size))
        except Exception:  # Of many kinds on damaged files.
            continue
    return int(min(_LARGEST_SIDE, max(_SIDE_STEP, np.median(sides or [_LARGEST_SIDE]) // _SIDE_STEP * _SIDE_STEP)))


def _three(values: NDArray[np.float64]) -> Statistics:
    red, green, blue = (round(float(value), 6) for value in values)
    return (red, green, blue)
