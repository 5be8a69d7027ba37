"""Images as arrays of 8 bits, without the detour of a Pillow image where a source can do without."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.source import Images

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3)."""


@runtime_checkable
class PixelImages(Images, Protocol):
    """Images that can be read as arrays, too. A source's images need not offer this; loaders read those that do faster."""

    def pixels(self, index: int) -> Pixels:
        """Return what :meth:`image` returns, as an array. The caller must not write to it.

        Raises:
            UserError: it cannot be read.
        """
        ...


def pixels_of(images: Images, index: int) -> Pixels:
    """Return an image as an array of uint8, shape (height, width, 3), which must not be written to.

    Raises:
        UserError: it cannot be read.

    Example:
        >>> from zen_lightning.data import Digits
        >>> pixels_of(Digits().train(), 0).shape
        (16, 16, 3)
    """
    if isinstance(images, PixelImages):
        return images.pixels(index)
    found: Pixels = np.asarray(images.image(index))
    return found
