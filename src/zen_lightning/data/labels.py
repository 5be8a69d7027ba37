"""The labels of images, and how many there are of each class."""

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.source import Images


def labels_of(images: Images) -> NDArray[np.int64]:
    """Return the labels of all images, shape (images,); no image is read.

    Example:
        >>> from zen_lightning.data import Digits
        >>> len(labels_of(Digits().val()))
        359
    """
    known = getattr(images, "labels", None)
    if isinstance(known, np.ndarray) and known.shape == (len(images),):
        return known.astype(np.int64, copy=False)
    return np.fromiter((images.label(index) for index in range(len(images))), dtype=np.int64, count=len(images))


def class_counts(images: Images, classes: int) -> NDArray[np.int64]:
    """Return how many images there are of each class, shape (classes,)."""
    return np.bincount(labels_of(images), minlength=classes)
