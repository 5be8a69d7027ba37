"""The grey range of a dataset: one for all of its images, so that equal values stay equal from image to image."""

import sys

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.decode import deep_extent, opened
from zen_lightning.data.grey import Extent
from zen_lightning.data.paths import Paths
from zen_lightning.data.statistics import evenly_spread
from zen_lightning.system.cores import available_cores
from zen_lightning.system.live_bar import with_bar
from zen_lightning.system.processes import is_main_process

ENDINGS = (".apng", ".fits", ".j2c", ".j2k", ".jp2", ".jpc", ".jpf", ".jpx", ".pfm", ".pgm", ".png", ".pnm", ".tif", ".tiff")
"""Endings of formats that hold grey of more than 8 bits: the others need not be opened to know that they do not."""


def measured_extent(paths: Paths, max_pixels: int) -> Extent | None:
    """Return the values of grey of more than 8 bits over a set of image files; None where there are none.

    Args:
        paths: of the files, of which at most 10,000 are opened, evenly spread; only those of more than 8 bits are decoded.
        max_pixels: pixels above which a file is left out, as one that cannot be read is.
    """

    def extent(index: int) -> Extent | None:
        try:
            with opened(paths[index], max_pixels) as file:
                return deep_extent(file)
        except Exception:  # Of many kinds on damaged files, which are told when all files are checked.
            return None

    chosen = [index for index in evenly_spread(len(paths)).tolist() if paths.relative(index).lower().endswith(ENDINGS)]
    found = bounded_map(extent, chosen, available_cores())
    parts = with_bar(found, len(chosen), "measuring greys", "images") if chosen else found
    return Extent.over(part for part in parts if part is not None)


def tell(extent: Extent) -> None:
    """Say which grey values become black and white."""
    if not is_main_process():
        return
    written = "{:,.0f}" if extent.whole else "{:.6g}"
    low, high = written.format(extent.low), written.format(extent.high)
    print(
        f"grey of more than 8 bits, from {low} to {high}: grey_range={extent.range} for all images", file=sys.stderr, flush=True
    )
