"""Images of a folder as its index has them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.index_file import FolderIndex
from zen_lightning.data.measured_source import READ
from zen_lightning.data.paths import Paths, encode
from zen_lightning.data.statistics import evenly_spread
from zen_lightning.data.statistics_cache import fingerprint


class IndexedImages(NamedTuple):
    """Images of a folder, an entry each.

    Attributes:
        paths: where they lie.
        labels: their labels.
        sizes: of the files, in bytes.
        times: when the files were last changed.
    """

    paths: Paths
    labels: NDArray[np.int64]
    sizes: NDArray[np.int64]
    times: NDArray[np.int64]

    def identity(self, more: bytes) -> str:
        """Return what identifies the images that are measured, and how they are read."""
        picked = evenly_spread(len(self.labels))
        stamps = zip(picked.tolist(), self.sizes[picked].tolist(), self.times[picked].tolist(), strict=True)
        return fingerprint([READ, more, *(encode(f"{self.paths.relative(at)}\0{size}:{time}") for at, size, time in stamps)])

    def missing(self, classes: tuple[str, ...]) -> list[str]:
        """Return the classes that have no image."""
        return [classes[at] for at in np.flatnonzero(np.bincount(self.labels, minlength=len(classes)) == 0)]


def indexed_images(folder: Path, index: FolderIndex, positions: NDArray[np.int64] | None = None) -> IndexedImages:
    """Return images of an index.

    Args:
        folder: the folder of the index.
        index: what is known of the files of the folder.
        positions: which of them, rising; None: all.
    """
    paths = Paths.packed(index.content, index.ends, str(folder))
    if positions is None or len(positions) == len(index.labels):  # All of them: the memory of the index's file serves.
        return IndexedImages(paths, index.labels, index.sizes, index.times)
    return IndexedImages(paths.pick(positions), index.labels[positions], index.sizes[positions], index.times[positions])
