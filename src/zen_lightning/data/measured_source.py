"""Datasets of image files, whose channel statistics are given or measured once, and the arguments that they share."""

from abc import abstractmethod
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from zen_lightning.data.decode import MAX_PIXELS, Reading
from zen_lightning.data.deep_range import tell
from zen_lightning.data.grey import Extent, GreyRange
from zen_lightning.data.source import DataSource, Images, Statistics
from zen_lightning.data.statistics import channel_statistics, evenly_spread
from zen_lightning.data.statistics_cache import StatisticsCache
from zen_lightning.errors import UserError
from zen_lightning.system.named_path import expanded

_KINDS = 8
"""Kinds of values that the cache has a number for: more than there are."""

READ = b"4"
"""Which way of reading files was measured with: another number where images come out otherwise than before."""


class MeasuredSource(DataSource):
    """A dataset whose mean, standard deviation and range of deep images are given, or measured on training images, once.

    Args:
        root: its folder, which names the cache of what is measured.
        mean: of the channels, of values from 0 to 1; None: measured on at most 10,000 training images, once.
        std: as ``mean``.
        grey_range: the values that become black and white in all images of more than 8 bits a channel; None: likewise.
        max_pixels: pixels of an image above which it is one that cannot be read.

    Raises:
        UserError: not three numbers, no range, no pixels.
    """

    _by_reading: ClassVar[tuple[str, ...]] = ("_reading", "_measured")
    """Cached properties that depend on how images are read."""

    def __init__(
        self,
        root: Path,
        mean: Sequence[float] | None,
        std: Sequence[float] | None,
        grey_range: Sequence[float] | None = None,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._root = root
        self._mean, self._std = _three(mean, "mean"), _three(std, "std")
        self._grey = None if grey_range is None else GreyRange.read(grey_range)
        self._max_pixels = Reading(max_pixels).max_pixels

    @property
    def mean(self) -> Statistics:
        """As given, or measured."""
        return self._mean or self._measured[0]

    @property
    def std(self) -> Statistics:
        """As given, or measured."""
        return self._std or self._measured[1]

    @property
    def grey_range(self) -> GreyRange | None:
        """As given, or measured; None where no image has more than 8 bits a channel."""
        return self._reading.grey

    def with_grey_range(self, grey: GreyRange) -> Self:
        """Return the dataset with deep images read by a range that a network was trained with; a range given by hand stays."""
        if self._grey is not None:
            return self
        read = copy(self)
        for measured in self._by_reading:
            read.__dict__.pop(measured, None)
        read._grey = grey
        return read

    def _to_measure(self) -> Images:
        """Return the images whose statistics are measured: those to train on."""
        return self.train()

    @abstractmethod
    def _fingerprint(self) -> str:
        """Return what identifies the training images that are measured, and how they are read."""

    @abstractmethod
    def _deep_fingerprint(self) -> str:
        """Return what identifies the images whose range is measured; nothing of how they are read."""

    @abstractmethod
    def _deep_extent(self) -> Extent | None:
        """Return the values of images of more than 8 bits a channel, of at most 10,000; None where there are none."""

    @cached_property
    def _reading(self) -> Reading:
        """How the images are read."""
        if self._grey is not None:
            return Reading(self._max_pixels, self._grey)
        key, cache = self._deep_fingerprint(), StatisticsCache(self._root)
        known = cache.get(key, rows=1)
        if known is None:
            found = self._deep_extent()
            known = [[0.0, 0.0, 0.0] if found is None else [found.low, found.high, _as_number(found)]]
            cache.remember(key, known)
        low, high, kind = known[0]
        if not kind:
            return Reading(self._max_pixels)
        bits, kind = divmod(int(kind), _KINDS)
        extent = Extent(low, high, kind > 1, bits or None)
        tell(extent)
        return Reading(self._max_pixels, extent.range)

    @cached_property
    def _measured(self) -> tuple[Statistics, Statistics]:
        key, cache = self._fingerprint(), StatisticsCache(self._root)
        known = cache.get(key)
        if known is None:
            images = self._to_measure()
            known = [list(values) for values in channel_statistics(images, evenly_spread(len(images)))]
            cache.remember(key, known)
        mean, std = (_three(values, key) for values, key in zip(known, ("mean", "std"), strict=True))
        assert mean is not None
        assert std is not None
        return mean, std


def _as_number(extent: Extent) -> float:
    """Return of which kind values are, and what their files state, as the one number that the cache has for it."""
    return 1.0 + extent.whole + _KINDS * (extent.bits or 0)


def named_folder(root: str | None, remedy: str) -> Path:
    """Return the folder of a dataset, or raise a UserError where none is named; ``remedy`` says what to name."""
    if not isinstance(root, str):
        raise UserError("{root} is missing", key="root", remedy=remedy)
    return expanded(root)


def check_choices(corrupt: str, classes: Sequence[str] | None, no_classes: str = "{None}") -> None:
    """Raise a UserError where ``corrupt`` or ``classes`` is not what it may be; ``no_classes`` says what None stands for."""
    if corrupt not in ("fatal", "skip"):
        raise UserError(key="corrupt", value=corrupt, expected="fatal or skip")
    if isinstance(classes, str):
        raise UserError(key="classes", value=classes, expected=f"a list, such as [{classes}], or {no_classes}")


def check_crop_ratio(crop_ratio: Any) -> None:
    """Raise a UserError unless it is None, or above 0 and at most 1."""
    if crop_ratio is not None and not (isinstance(crop_ratio, int | float) and 0 < crop_ratio <= 1):
        raise UserError(key="crop_ratio", value=crop_ratio, expected="{None}, or a number above 0, at most 1")


def _three(values: Any, key: str) -> Statistics | None:
    if values is None:
        return None
    try:
        red, green, blue = (float(value) for value in values)
    except (TypeError, ValueError):
        raise UserError(key=key, value=values, expected="three numbers, for red, green and blue, or {None}") from None
    return red, green, blue
