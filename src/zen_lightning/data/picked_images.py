"""A subset of the images of another source."""

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from zen_lightning.data.pixels import Pixels, pixels_of
from zen_lightning.data.samples import mixed_seed
from zen_lightning.data.source import Images


class PickedImages:
    """A subset of other images.

    Args:
        images: all of them.
        indices: which of them, in this order.
    """

    def __init__(self, images: Images, indices: NDArray[np.int64]) -> None:
        self._images = images
        self._indices = indices

    def __len__(self) -> int:
        return len(self._indices)

    def image(self, index: int) -> Image:
        """Return an image."""
        return self._images.image(int(self._indices[index]))

    def pixels(self, index: int) -> Pixels:
        """Return an image as an array (height, width, 3)."""
        return pixels_of(self._images, int(self._indices[index]))

    def label(self, index: int) -> int:
        """Return a label."""
        return self._images.label(int(self._indices[index]))


def drawn_images(images: Images, limit: int, seed: int) -> Images:
    """Return at most so many images, drawn with a seed; all of them, in their order, where there are no more."""
    if limit >= len(images):
        return images
    drawn = np.random.default_rng(mixed_seed(seed)).permutation(len(images))[:limit]
    return PickedImages(images, drawn.astype(np.int64))
