"""The share of the images that is held out where nothing says which are for validation."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.split import Indices, stratified_split
from zen_lightning.errors import UserError
from zen_lightning.system.processes import is_main_process


class HeldOut(NamedTuple):
    """A share of each class, held out for validation.

    Attributes:
        fraction: the share, above 0 and at most 1. With 1 all images are for validation, and none is left to train on.
        seed: another split for each.

    Example:
        >>> [len(part) for part in HeldOut(1, seed=0).split(np.array([0, 0, 1]))]
        [0, 3]
    """

    fraction: float
    seed: int

    @property
    def takes_all(self) -> bool:
        """Whether all images are for validation."""
        return self.fraction == 1

    def split(self, labels: NDArray[Any], names: Sequence[str] | None = None) -> tuple[Indices, Indices]:
        """Return the indices to train on and to validate on, both ascending.

        Args:
            labels: the labels of all images.
            names: names of the classes, for the error.

        Raises:
            UserError: as :func:`~zen_lightning.data.split.stratified_split`.
        """
        if self.takes_all:
            return np.empty(0, dtype=np.int64), np.arange(len(labels), dtype=np.int64)
        return stratified_split(labels, self.fraction, self.seed, names)

    def nothing_left(self) -> UserError:
        """Return the error for a training where all images are for validation."""
        remedy = "give a share below 1, such as 0.2; 1 is for an evaluation"
        return UserError("no image is left to train on", key="val_fraction", value=1, remedy=remedy)

    def tell(self, root: Path, place: str, training: int, held_out: int) -> None:
        """Say on the main process how many images are held out; nothing where all are.

        Args:
            root: where the images are.
            place: what says which images are for validation, and is not there: ``folder`` or ``shards``.
            training: number of images to train on.
            held_out: number of images to validate on.
        """
        if self.takes_all or not is_main_process():
            return
        what = f"{root} has no {place} for validation: {held_out:,} of {training + held_out:,} images are held out"
        told = f"val_fraction={self.fraction:g} of each class; task=evaluate takes all with dataset.val_fraction=1"
        print(f"{what}, {told}", file=sys.stderr, flush=True)
