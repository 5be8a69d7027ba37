"""What a validation says of each class, and of how far its probabilities can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

BINS = 15
"""Bins of the calibration error, as in https://arxiv.org/abs/1706.04599, section 5."""


class ClassAccuracy(NamedTuple):
    """What a network makes of the images of one class.

    Attributes:
        name: of the class.
        images: how many there are of it.
        correct: how many of them are taken for it.
        predicted: how many images, of whatever class, are taken for it.
        taken_for: the class that its other images are most often taken for; None where there are none.
        taken_for_images: how many are.
    """

    name: str
    images: int
    correct: int
    predicted: int
    taken_for: str | None
    taken_for_images: int

    @property
    def top1(self) -> float | None:
        """Share of its images that are taken for it, in percent; None without images."""
        return 100 * self.correct / self.images if self.images else None

    @property
    def precision(self) -> float | None:
        """Share of what is taken for it that is it, in percent; None where nothing is."""
        return 100 * self.correct / self.predicted if self.predicted else None


class ConfusedPair(NamedTuple):
    """Images of one class that are taken for another.

    Attributes:
        true: name of the class that they are of.
        predicted: name of the class that they are taken for.
        images: how many.
        share: of the images of the true class, in percent.
    """

    true: str
    predicted: str
    images: int
    share: float


class CalibrationBin(NamedTuple):
    """The images whose predicted class has a probability above ``low``, up to ``high``.

    Attributes:
        low: end of the bin, from 0 to 1.
        high: likewise.
        images: how many.
        confidence: the mean of these probabilities; None without images.
        accuracy: the share of the images that are right, from 0 to 1; likewise.
    """

    low: float
    high: float
    images: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class ValidationDetails:
    """The counts of a validation over all images.

    Attributes:
        confusion: int64, shape (classes, classes): images of the true class (row) that are taken for a class (column).
        sums: float64, shape (bins, 3): images of each bin of confidence, the sum of their confidences, how many are right.

    Example:
        >>> found = ValidationDetails(np.array([[3, 1], [0, 0]]), np.array([[0, 0, 0], [4, 3.6, 3]]))
        >>> [(one.name, one.images, one.top1) for one in found.classes(["cat", "emu"])]
        [('cat', 4, 75.0), ('emu', 0, None)]
        >>> round(found.calibration_error, 4), found.mean_class_top1
        (15.0, 75.0)
    """

    confusion: NDArray[np.int64]
    sums: NDArray[np.float64]

    @cached_property
    def images(self) -> int:
        """How many images there are."""
        return int(self.confusion.sum())

    @property
    def mean_class_top1(self) -> float | None:
        """The mean of the accuracies of all classes that have images, in percent: top-1 as if all had equally many."""
        totals = self.confusion.sum(1)
        has = totals > 0
        return float(100 * (self.confusion.diagonal()[has] / totals[has]).mean()) if has.any() else None

    @property
    def calibration_error(self) -> float:
        """The expected calibration error in percent (https://arxiv.org/abs/1706.04599, equation 3); NaN without images.

        The mean over all images of the difference between accuracy and mean confidence of their bin.
        """
        images = self.sums[:, 0].sum()
        return float(100 * np.abs(self.sums[:, 1] - self.sums[:, 2]).sum() / images) if images else float("nan")

    @property
    def bins(self) -> list[CalibrationBin]:
        """The bins of confidence, from the lowest."""
        count = len(self.sums)
        return [
            CalibrationBin(at / count, (at + 1) / count, int(images), sure / images, right / images)
            if images
            else CalibrationBin(at / count, (at + 1) / count, 0, None, None)
            for at, (images, sure, right) in enumerate(self.sums.tolist())
        ]

    def classes(self, names: Sequence[str]) -> list[ClassAccuracy]:
        """Return what is found of each class.

        Args:
            names: of the classes, in the order of the labels.
        """
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        most = wrong.argmax(1)
        found = zip(names, self.confusion.sum(1), self.confusion.diagonal(), self.confusion.sum(0), most, wrong, strict=True)
        return [
            ClassAccuracy(name, int(images), int(correct), int(predicted), names[at] if row[at] else None, int(row[at]))
            for name, images, correct, predicted, at, row in found
        ]

    def confused(self, names: Sequence[str]) -> list[ConfusedPair]:
        """Return which classes are taken for which other ones, those of the most images first."""
        totals = self.confusion.sum(1)
        rows, columns = np.nonzero(self.confusion)
        pairs = [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if row != column]
        found = [
            ConfusedPair(names[row], names[column], count, 100 * count / int(totals[row]))
            for row, column in pairs
            for count in [int(self.confusion[row, column])]
        ]
        return sorted(found, key=lambda pair: (-pair.images, -pair.share))

    def state(self) -> dict[str, Any]:
        """Return tensors that a checkpoint holds: of the matrix, what is not 0."""
        at = np.flatnonzero(self.confusion)
        return {
            "classes": len(self.confusion),
            "at": torch.from_numpy(at),
            "counts": torch.from_numpy(self.confusion.reshape(-1)[at]),
            "sums": torch.from_numpy(self.sums),
        }

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> "ValidationDetails":
        """Return what :meth:`state` describes."""
        classes = int(state["classes"])
        confusion = np.zeros(classes * classes, dtype=np.int64)
        confusion[state["at"].cpu().numpy()] = state["counts"].cpu().numpy()
        return cls(confusion.reshape(classes, classes), state["sums"].cpu().numpy())


def worst_classes(classes: Sequence[ClassAccuracy], most: int | None = None) -> list[ClassAccuracy]:
    """Return classes with images, those of the lowest accuracy first; of equals, those with more images.

    Example:
        >>> found = [ClassAccuracy("cat", 2, 1, 1, "dog", 1), ClassAccuracy("dog", 2, 2, 3, None, 0)]
        >>> [one.name for one in worst_classes(found)]
        ['cat', 'dog']
    """
    return sorted((one for one in classes if one.images), key=lambda one: (one.correct / one.images, -one.images))[:most]


def without_images(classes: Sequence[ClassAccuracy]) -> list[str]:
    """Return the names of classes of which there is no image."""
    return [one.name for one in classes if not one.images]
