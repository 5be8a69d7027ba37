"""CIFAR-10 and CIFAR-100 (A. Krizhevsky, 2009, https://www.cs.toronto.edu/~kriz/cifar.html), read by torchvision."""

from contextlib import redirect_stdout
from functools import cached_property
from http.client import HTTPException
from io import StringIO
from typing import Any
from urllib.error import URLError

from zen_lightning.data.array_images import ArrayImages
from zen_lightning.data.source import DataSource, Statistics, check_placement
from zen_lightning.errors import UserError
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD
from zen_lightning.system.named_path import expanded


class Cifar10(DataSource):
    """50,000 training and 10,000 test images of ten classes, 32 pixels.

    Args:
        root: the folder that holds ``cifar-10-batches-py``, or that it is downloaded to.
        name: as in ``dataset=``.
        download: whether to fetch what is missing.
        placement: ``cpu`` or ``device``; see :attr:`~zen_lightning.data.DataSource.placement`.
    """

    image_size = 32
    mean: Statistics = CIFAR_MEAN
    std: Statistics = CIFAR_STD
    _torchvision, _num_classes = "CIFAR10", 10

    def __init__(
        self,
        root: str = "~/data/pytorch_cifar10",
        name: str = "cifar10",
        download: bool = True,
        placement: str = "cpu",
    ) -> None:
        self.name = name
        self._root = expanded(root)
        self._download = download
        self.placement = check_placement(placement)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names, as the dataset has them."""
        return tuple(self._train_set.classes)

    @property
    def num_classes(self) -> int:
        """The number of classes, known without the files."""
        return self._num_classes

    def prepare(self) -> None:
        """Download and unpack what is missing, and check it.

        Raises:
            UserError: the dataset is not there and not to be downloaded, the download fails, or files are damaged.
        """
        _ = self._train_set, self._val_set

    def check(self) -> None:
        """Check the files, unless they are to be downloaded; errors as for :meth:`prepare`."""
        if not self._download:
            self.prepare()

    def train(self) -> ArrayImages:
        """Return the training images."""
        return ArrayImages(self._train_set.data, self._train_set.targets)

    def val(self) -> ArrayImages:
        """Return the test images."""
        return ArrayImages(self._val_set.data, self._val_set.targets)

    @cached_property
    def _train_set(self) -> Any:
        return self._open(train=True)

    @cached_property
    def _val_set(self) -> Any:
        return self._open(train=False)

    def _open(self, train: bool) -> Any:
        from torchvision import datasets

        kind = getattr(datasets, self._torchvision)
        folder = kind.base_folder
        by_hand = f"put {kind.filename} from {kind.url} into {self._root} by hand"
        try:
            with redirect_stdout(StringIO()):
                return kind(str(self._root), train=train, download=self._download)
        except RuntimeError as error:
            # Torchvision checks every file against a known digest before it reads it.
            state = "is incomplete or damaged" if (self._root / folder).is_dir() else "is not there"
            remedy = f"start again, or {by_hand}" if self._download else "allow {download}=true, or put it there by hand"
            raise self._refused(f"{folder}/ {state}", remedy) from error
        except (URLError, ConnectionError, TimeoutError, HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
            what = f"{folder}/ is not there, and {kind.url} cannot be reached ({reason})"
            raise self._refused(what, f"{by_hand}: it is unpacked there") from error
        except OSError as error:
            raise self._refused(f"cannot read or write there ({error})", "name another folder by {root}=") from error

    def _refused(self, what: str, remedy: str) -> UserError:
        return UserError(what, key="root", value=self._root, remedy=remedy, involves=["download"])


class Cifar100(Cifar10):
    """50,000 training and 10,000 test images of a hundred classes, 32 pixels, normalised as CIFAR-10, as the recipe has it.

    Args:
        root: the folder that holds ``cifar-100-python``, or that it is downloaded to.
        name: as in ``dataset=``.
        download: whether to fetch what is missing.
        placement: ``cpu`` or ``device``; see :attr:`~zen_lightning.data.DataSource.placement`.
    """

    _torchvision, _num_classes = "CIFAR100", 100

    def __init__(
        self,
        root: str = "~/data/pytorch_cifar100",
        name: str = "cifar100",
        download: bool = True,
        placement: str = "cpu",
    ) -> None:
        super().__init__(root, name, download, placement)
