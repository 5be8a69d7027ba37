"""Random rectangles of many images at once, drawn as torchvision draws them."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.batched.draws import TRIES, Draws

Whole = NDArray[np.int64]


class Sides(NamedTuple):
    """Heights and widths; what does not fit into the image after all tries is marked.

    Attributes:
        height: int64 (images,).
        width: int64 (images,).
        fits: bool (images,).
    """

    height: Whole
    width: Whole
    fits: NDArray[np.bool_]


def draw_sides(
    draws: Draws,
    column: int,
    size: tuple[int, int],
    area: tuple[float, float],
    ratio: tuple[float, float],
    least: int,
    largest: tuple[int, int],
    tall: bool,
) -> Sides:
    """Return the first of ten rectangles that fits, for each image.

    Args:
        draws: the numbers of the images.
        column: the first of those that are used, two for each try.
        size: height and width of the images.
        area: the least and the most share of the area, uniform.
        ratio: the least and the most ratio of the sides, its logarithm uniform.
        least: of both sides.
        largest: height and width at most.
        tall: whether the ratio is height over width; else width over height.
    """
    height, width = np.zeros((2, len(draws)), dtype=np.int64)
    fits = np.zeros(len(draws), dtype=np.bool_)
    logs = math.log(ratio[0]), math.log(ratio[1])
    for attempt in range(TRIES):
        share = area[0] + draws.uniform(column + 2 * attempt) * (area[1] - area[0])
        stretch = np.exp(logs[0] + draws.uniform(column + 2 * attempt + 1) * (logs[1] - logs[0]))
        pixels = share * size[0] * size[1]
        # Rint rounds halves to even, as Python does.
        long, short = (np.rint(np.sqrt(pixels * factor)).astype(np.int64) for factor in (stretch, 1 / stretch))
        rows, columns = (long, short) if tall else (short, long)
        found = ~fits & (rows >= least) & (columns >= least) & (rows <= largest[0]) & (columns <= largest[1])
        height[found], width[found] = rows[found], columns[found]
        fits |= found
        if fits.all():
            break
    return Sides(height, width, fits)
