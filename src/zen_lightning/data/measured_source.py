"""Datasets of image files, whose channel statistics are given or measured once, and the arguments that they share."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from zen_lightning.data.source import DataSource, Statistics
from zen_lightning.data.statistics import channel_statistics, evenly_spread
from zen_lightning.data.statistics_cache import StatisticsCache
from zen_lightning.errors import UserError


class MeasuredSource(DataSource):
    """A dataset whose mean and standard deviation are given, or measured on its training images and remembered.

    Args:
        root: its folder, which names the cache of what is measured.
        mean: of the channels, of values from 0 to 1; None: measured on at most 10,000 training images, once.
        std: as ``mean``.

    Raises:
        UserError: not three numbers.
    """

    def __init__(self, root: Path, mean: Sequence[float] | None, std: Sequence[float] | None) -> None:
        self._root = root
        self._mean, self._std = _three(mean, "mean"), _three(std, "std")

    @property
    def mean(self) -> Statistics:
        """As given, or measured."""
        return self._mean or self._measured[0]

    @property
    def std(self) -> Statistics:
        """As given, or measured."""
        return self._std or self._measured[1]

    @abstractmethod
    def _fingerprint(self) -> str:
        """Return what identifies the training images that are measured, and how they are read."""

    @cached_property
    def _measured(self) -> tuple[Statistics, Statistics]:
        key, cache = self._fingerprint(), StatisticsCache(self._root)
        known = cache.get(key)
        if known is None:
            images = self.train()
            known = [list(values) for values in channel_statistics(images, evenly_spread(len(images)))]
            cache.remember(key, known)
        mean, std = (_three(values, key) for values, key in zip(known, ("mean", "std"), strict=True))
        assert mean is not None
        assert std is not None
        return mean, std


def named_folder(root: str | None, remedy: str) -> Path:
    """Return the folder of a dataset, or raise a UserError where none is named; ``remedy`` says what to name."""
    if not isinstance(root, str):
        raise UserError("{root} is missing", key="root", remedy=remedy)
    return Path(root).expanduser()


def check_choices(corrupt: str, classes: Sequence[str] | None, no_classes: str = "null") -> None:
    """Raise a UserError where ``corrupt`` or ``classes`` is not what it may be; ``no_classes`` says what null stands for."""
    if corrupt not in ("fatal", "skip"):
        raise UserError(key="corrupt", value=corrupt, expected="fatal or skip")
    if isinstance(classes, str):
        raise UserError(key="classes", value=classes, expected=f"a list, such as [{classes}], or {no_classes}")


def check_crop_ratio(crop_ratio: Any) -> None:
    """Raise a UserError unless it is None, or above 0 and at most 1."""
    if crop_ratio is not None and not (isinstance(crop_ratio, int | float) and 0 < crop_ratio <= 1):
        raise UserError(key="crop_ratio", value=crop_ratio, expected="null, or a number above 0, at most 1")


def _three(values: Any, key: str) -> Statistics | None:
    if values is None:
        return None
    try:
        red, green, blue = (float(value) for value in values)
    except (TypeError, ValueError):
        raise UserError(key=key, value=values, expected="three numbers, for red, green and blue, or null") from None
    return red, green, blue
