"""Images in files, read when they are asked for."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zen_lightning.data.decode import USUAL, CorruptImageError, Reading, decode_pixels
from zen_lightning.data.paths import Paths
from zen_lightning.data.pixels import Pixels
from zen_lightning.errors import UserError

_MOST_TRIES = 100
"""Unreadable images in a row before the error is raised. A choice: so many in a row mean a lost folder, not damaged files."""


class FileImages:
    """Images from files.

    Args:
        paths: paths of the files, those of a class next to each other.
        labels: the label of each file.
        skip_corrupt: instead of an image that cannot be read, give the next one of its class, and say so once. Which one that
            is does not depend on what was read before.
        reading: how files are read.
    """

    def __init__(
        self,
        paths: Paths,
        labels: Sequence[int] | NDArray[Any],
        skip_corrupt: bool = False,
        reading: Reading = USUAL,
    ) -> None:
        assert len(paths) == len(labels)
        self.paths = paths
        self.labels = np.asarray(labels, dtype=np.int64)
        self._skip = skip_corrupt
        self._reading = reading
        self._told: set[int] = set()

    def __len__(self) -> int:
        return len(self.labels)

    def label(self, index: int) -> int:
        """Return a label."""
        return int(self.labels[index])

    def image(self, index: int) -> Image.Image:
        """Return an image, mode RGB.

        Raises:
            UserError: it cannot be read, nor can the next ones of its class where they may take its place.
        """
        return Image.fromarray(self.pixels(index))

    def pixels(self, index: int) -> Pixels:
        """Return an image as an array (height, width, 3); errors as for :meth:`image`."""
        if not self._skip:
            return decode_pixels(self.paths[index], self._reading)
        at, reason = index, ""
        for _ in range(_MOST_TRIES):
            try:
                return decode_pixels(self.paths[at], self._reading)
            except CorruptImageError as error:
                self._tell(at, error)
                at, reason = self._next_of_class(at), error.reason
                if at == index:
                    break
        what = f"{self.paths[index]} and the images after it cannot be read ({reason})"
        raise UserError(what, remedy="is their folder as it was?")

    def _next_of_class(self, index: int) -> int:
        if index + 1 < len(self) and self.labels[index + 1] == self.labels[index]:
            return index + 1
        return int(np.searchsorted(self.labels, self.labels[index]))

    def _tell(self, index: int, error: CorruptImageError) -> None:
        if index not in self._told:
            self._told.add(index)
            print(f"skipped {error.path}: cannot be read ({error.reason})", file=sys.stderr, flush=True)
