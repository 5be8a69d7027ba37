"""A dataset as a trained network sees it: its labels follow the network's classes, its values the network's normalisation."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from zen_lightning.data.grey import GreyRange
from zen_lightning.data.pixels import Pixels, pixels_of
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.data.source import DataSource, Images, Statistics
from zen_lightning.errors import UserError
from zen_lightning.system.numbers import first_names

_NAMED = 5
"""Classes that a message names. A choice."""


class RelabelledImages:
    """Images with other labels.

    Args:
        images: the images.
        labels: for each of their labels, the new one.
    """

    def __init__(self, images: Images, labels: NDArray[np.int64]) -> None:
        self._images = images
        self._labels = labels

    def __len__(self) -> int:
        return len(self._images)

    def image(self, index: int) -> Image:
        """Return an image."""
        return self._images.image(index)

    def pixels(self, index: int) -> Pixels:
        """Return an image as an array (height, width, 3)."""
        return pixels_of(self._images, index)

    def label(self, index: int) -> int:
        """Return the new label of an image."""
        return int(self._labels[self._images.label(index)])


class SeenSource(DataSource):
    """A dataset for a network that knows its classes, and how its images are prepared.

    Args:
        source: the dataset.
        seen: how the network's images are prepared, and its classes.
        own: what of ``mean``, ``std`` and ``crop_ratio`` is the dataset's nevertheless.

    Raises:
        UserError: the dataset has classes that the network does not know.

    Example:
        >>> from zen_lightning.data import Digits
        >>> from zen_lightning.data.preprocessing import Preprocessing
        >>> seen = SeenSource(Digits(), Preprocessing(16, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), tuple("9876543210")))
        >>> seen.classes[0], seen.mean[0], Digits().val().label(0), seen.val().label(0)
        ('9', 0.5, 4, 5)
    """

    def __init__(self, source: DataSource, seen: Preprocessing, own: Collection[str] = ()) -> None:
        if seen.grey_range is not None:
            source = source.with_grey_range(seen.grey_range)
        for attribute in DataSource.__annotations__:
            setattr(self, attribute, getattr(source, attribute))
        self.crop_ratio = source.crop_ratio if "crop_ratio" in own else seen.crop_ratio
        self._source, self._seen, self._own = source, seen, frozenset(own)
        self._labels = labels_for(source.classes, seen.classes)

    @property
    def classes(self) -> tuple[str, ...]:
        """Those of the network, where labels follow them by name; else those of the dataset."""
        return self._source.classes if self._labels is None else self._seen.classes

    @property
    def mean(self) -> Statistics:
        """What the network's images are normalised by."""
        return self._source.mean if "mean" in self._own else self._seen.mean

    @property
    def std(self) -> Statistics:
        """Likewise."""
        return self._source.std if "std" in self._own else self._seen.std

    @property
    def grey_range(self) -> GreyRange | None:
        """What is black and white in deep images: that of the network, where it knows one."""
        return self._source.grey_range

    def prepare(self) -> None:
        """Prepare the dataset; see :meth:`DataSource.prepare`."""
        self._source.prepare()

    def train(self) -> Images:
        """Return the images to train on."""
        return self._relabelled(self._source.train())

    def val(self) -> Images:
        """Return the images to validate on."""
        return self._relabelled(self._source.val())

    def _relabelled(self, images: Images) -> Images:
        return images if self._labels is None else RelabelledImages(images, self._labels)


def labels_for(dataset: Sequence[str], network: Sequence[str]) -> NDArray[np.int64] | None:
    """Return the label that a network has for each class of a dataset; None where both count alike.

    Classes are found by their names. Where none of the names is known, and there are as many classes, they are taken in their
    order: the folders of ImageNet are called ``n01440764``, and its networks say ``tench``.

    Raises:
        UserError: the network does not know some of the classes, or their number differs.

    Example:
        >>> labels_for(["cat", "emu"], ["cat", "dog", "emu"]).tolist(), labels_for(["n1", "n2"], ["cat", "dog"])
        ([0, 2], None)
    """
    if tuple(dataset) == tuple(network):
        return None
    places = {name: at for at, name in reversed(list(enumerate(network)))}
    unknown = [name for name in dataset if name not in places]
    if not unknown:
        return np.array([places[name] for name in dataset], dtype=np.int64)
    if len(unknown) == len(dataset) == len(network):
        return None
    named = first_names(unknown, _NAMED)
    if len(dataset) != len(network):
        what = f"the network has {len(network)} classes, and the dataset {len(dataset)}, of which it does not know {named}"
    else:
        what = f"the network does not know the classes {named} of the dataset"
    raise UserError(what, key="dataset", remedy="choose the dataset that it was trained on")
