"""Handwritten digits that come with the package: nothing to download, trained in a minute on two cores."""

import gzip
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zen_lightning.data.array_images import ArrayImages
from zen_lightning.data.source import DataSource, Statistics, check_placement
from zen_lightning.data.split import stratified_split
from zen_lightning.errors import UserError
from zen_lightning.system.value_types import Pixels, Seed, ShareBelow1

_COUNT, _SIDE, _MAX = 1797, 8, 16
"""Images, pixels a side and the highest value, as the dataset's description has them."""

_MEAN, _STD = 0.3097, 0.3475
"""Measured on all 1,797 images scaled to 16 pixels, of values from 0 to 1."""


class Digits(DataSource):
    """1,797 handwritten digits by 13 writers, 8 x 8 pixels of grey, scaled up; a fixed fifth is held out for validation.

    The test set of "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine Learning Repository,
    1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); the same images as
    ``sklearn.datasets.load_digits``. ``digits.bin.gz`` holds them unchanged: 1,797 labels, then 64 values from 0 to 16 each.

    Args:
        root: None; there is no folder.
        name: as in ``dataset=``.
        image_size: height and width after scaling, bicubic.
        val_fraction: the share of each class that is held out.
        split_seed: another split for each.
        placement: ``cpu`` or ``device``; see :attr:`~zen_lightning.data.DataSource.placement`.

    Raises:
        UserError: an argument out of range.

    Example:
        >>> digits = Digits()
        >>> len(digits.train()), len(digits.val()), digits.val().image(0).size
        (1438, 359, (16, 16))
    """

    light = True

    def __init__(
        self,
        root: str | None = None,
        name: str = "digits",
        image_size: Pixels = 16,
        val_fraction: ShareBelow1 = 0.2,
        split_seed: Seed = 0,
        placement: str = "cpu",
    ) -> None:
        if root is not None:
            raise UserError("the digits come with the package", key="root", value=root, remedy="leave {root} out")
        if image_size < 1:
            raise UserError(key="image_size", value=image_size, expected="1 or more")
        self.name = name
        self.image_size = image_size
        self.placement = check_placement(placement)
        self._split = stratified_split(_read()[1], val_fraction, split_seed)

    @property
    def classes(self) -> tuple[str, ...]:
        """The ten digits."""
        return tuple("0123456789")

    @property
    def mean(self) -> Statistics:
        """The mean of all 1,797 images at 16 pixels, the same for each channel."""
        return (_MEAN, _MEAN, _MEAN)

    @property
    def std(self) -> Statistics:
        """The standard deviation of all 1,797 images at 16 pixels, the same for each channel."""
        return (_STD, _STD, _STD)

    def prepare(self) -> None:
        """Do nothing: the images are there."""

    def train(self) -> ArrayImages:
        """Return the images to train on."""
        return self._images(self._split[0])

    def val(self) -> ArrayImages:
        """Return the images held out."""
        return self._images(self._split[1])

    def _images(self, indices: NDArray[np.int64]) -> ArrayImages:
        pixels, labels = _read()
        grey = np.round(pixels[indices] * (255 / _MAX)).astype(np.uint8)
        size = (self.image_size, self.image_size)
        scaled = [np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)) for image in grey]
        return ArrayImages(np.stack(scaled), labels[indices])


@cache
def _read() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    content = np.frombuffer(gzip.decompress(Path(__file__).with_name("digits.bin.gz").read_bytes()), dtype=np.uint8)
    return content[_COUNT:].reshape(_COUNT, _SIDE, _SIDE), content[:_COUNT]
