"""The plugin point: one class and one YAML a dataset."""

from abc import ABC, abstractmethod
from typing import Protocol

from PIL.Image import Image

from zen_lightning.data.grey import GreyRange
from zen_lightning.errors import UserError

Statistics = tuple[float, float, float]

PLACEMENTS = ("cpu", "device")
"""Where images may live in a training; see :attr:`DataSource.placement`."""


class Images(Protocol):
    """Labelled images, read one by one.

    What loaders send to their workers: it can be pickled, and a million images are no million Python objects, as counting
    references to them would copy the memory that forked workers share.
    """

    def __len__(self) -> int:
        """Return the number of images."""
        ...

    def image(self, index: int) -> Image:
        """Return an image, mode RGB, any size.

        Raises:
            UserError: it cannot be read.
        """
        ...

    def label(self, index: int) -> int:
        """Return the position of the image's class in the source's ``classes``."""
        ...


class DataSource(ABC):
    """A dataset: images to train on and to validate on, their classes, and how they are normalised.

    A source of your own derives from this class and is chosen by a YAML in ``conf/dataset`` whose ``_target_`` is its dotted
    path and whose other keys are the arguments of its constructor; ``name`` and ``root`` are always among them. Test it by
    ``zen_lightning.testing.check_dataset``.

    Attributes:
        name: as in ``dataset=``.
        image_size: height and width that a network sees by default.
        crop_ratio: None: validation images are scaled until the shorter side has the size asked for, which leaves images of
            that size as they are, then cropped to their centre. A number r: the same at ceil(size / r), bicubic.
        light: whether reading an image costs so little that worker processes do not pay by default.
        placement: ``cpu``: images are read and augmented one by one, by worker processes; ``device``: they live on the device
            of the training, all of one size, and are augmented there many at once. The distribution is the same, the random
            numbers are others.
    """

    name: str
    image_size: int
    crop_ratio: float | None = None
    light: bool = False
    placement: str = "cpu"

    @property
    def grey_range(self) -> GreyRange | None:
        """What is black and white in images of more than 8 bits a channel, also in new ones; None where there are none."""
        return None

    def with_grey_range(self, grey: GreyRange) -> "DataSource":
        """Return the dataset with deep images read by a range that a network was trained with; a range given by hand stays."""
        return self

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels."""

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.classes)

    @property
    @abstractmethod
    def mean(self) -> Statistics:
        """The mean of each channel, of values from 0 to 1."""

    @property
    @abstractmethod
    def std(self) -> Statistics:
        """The standard deviation of each channel, of values from 0 to 1."""

    @abstractmethod
    def prepare(self) -> None:
        """Do all that is slow (downloading, checking, measuring), so that what is wrong is found before a training starts.

        Called once, in one process of a machine; again, it returns at once. The other methods work without it, too.

        Raises:
            UserError: the images are not there or not usable; the message says which and what to do.
        """

    def check(self) -> None:
        """Find out what can be found out at once: without a download, and without reading images.

        Raises:
            UserError: the images are not there; what a download would bring is not missed.
        """
        _ = self.classes

    @abstractmethod
    def train(self) -> Images:
        """Return the images to train on; errors as for :meth:`prepare`."""

    @abstractmethod
    def val(self) -> Images:
        """Return the images to validate on; errors as for :meth:`prepare`."""


def check_placement(name: str) -> str:
    """Return a placement as it is.

    Raises:
        UserError: there is none of this name.
    """
    if name not in PLACEMENTS:
        raise UserError(key="placement", value=name, choices=PLACEMENTS)
    return name
