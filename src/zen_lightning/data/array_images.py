"""Images of one size, in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zen_lightning.data.pixels import Pixels


class ArrayImages:
    """Images from one array.

    Args:
        pixels: uint8 (images, height, width, 3), or (images, height, width) for grey ones.
        labels: one for each image.

    Example:
        >>> images = ArrayImages(np.zeros((2, 8, 8), dtype=np.uint8), [0, 1])
        >>> images.image(1).mode, images.label(1)
        ('RGB', 1)
    """

    def __init__(self, pixels: NDArray[np.uint8], labels: Sequence[int] | NDArray[Any]) -> None:
        assert len(pixels) == len(labels)
        self._pixels = pixels
        self._labels = np.asarray(labels, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels of all images."""
        return self._labels

    def image(self, index: int) -> Image.Image:
        """Return an image, mode RGB."""
        image = Image.fromarray(self._pixels[index])
        return image if image.mode == "RGB" else image.convert("RGB")

    def pixels(self, index: int) -> Pixels:
        """Return an image as an array (height, width, 3)."""
        pixels = self._pixels[index]
        return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)

    def label(self, index: int) -> int:
        """Return a label."""
        return int(self._labels[index])
