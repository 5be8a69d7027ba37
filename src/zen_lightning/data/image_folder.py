"""A user's own images, in class folders."""

import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.decode import MAX_PIXELS, opened
from zen_lightning.data.deep_range import ENDINGS, measured_extent
from zen_lightning.data.file_images import FileImages
from zen_lightning.data.folder_index import tell_outside
from zen_lightning.data.folder_layout import NAMED, FolderLayout, folder_layout, splits_below
from zen_lightning.data.grey import Extent
from zen_lightning.data.held_out import HeldOut
from zen_lightning.data.index_file import CORRUPT, FolderIndex, cache_path
from zen_lightning.data.indexed_images import IndexedImages, indexed_images
from zen_lightning.data.measured_source import MeasuredSource, check_choices, check_crop_ratio, named_folder
from zen_lightning.data.odd_classes import odd_classes
from zen_lightning.data.shared_index import SharedIndex
from zen_lightning.data.source import check_placement
from zen_lightning.data.split_folders import Splits, unused
from zen_lightning.data.statistics import common_size, evenly_spread
from zen_lightning.data.verification import Corrupt, report_corrupt, report_flat
from zen_lightning.errors import UserError
from zen_lightning.system.numbers import first_names
from zen_lightning.system.processes import is_main_process
from zen_lightning.system.value_types import ClassName, Count, Finite, Pixels, Positive, Seed, ShareAbove0


class ImageFolder(MeasuredSource):
    """Images in ``root/train/CLASS/`` and ``root/val/CLASS/`` (or ``root/test/CLASS/``), or all in ``root/CLASS/``.

    The folders may have other usual names, in any case: ``training``, ``valid``, ``validation``, ``dev``, ``testing``; see
    :mod:`~zen_lightning.data.split_names`.
    Without a folder for validation, a share of each class is held out. The classes are those of the training images; the
    validation may lack some, which is said. Sub-folders of class folders are looked into; hidden
    files are not.

    Args:
        root: the folder.
        name: as in ``dataset=``.
        image_size: height and width that a network sees by default; None: the median of the shorter sides of training images,
            down to a multiple of 8, at most 224.
        classes: which class folders to use, in the order of the labels; None: all, sorted.
        val_fraction: the share of each class that is held out where there is no folder for validation; a fifth is a choice.
            1 is for an evaluation: it takes all images.
        split_seed: another split for each.
        mean: of the channels, of values from 0 to 1; None: measured on at most 10,000 training images, once.
        std: as ``mean``.
        crop_ratio: of validation images; see :class:`~zen_lightning.data.DataSource`.
        corrupt: what becomes of a file that cannot be read: ``fatal``, or ``skip``.
        verify: whether :meth:`prepare` reads every file once; what it finds is remembered. Without, a file that cannot be
            read is found when its turn comes: ``fatal`` ends the training, ``skip`` takes the next one of its class instead.
        placement: ``cpu`` or ``device``, for small images of one size; see :attr:`~zen_lightning.data.DataSource.placement`.
        grey_range: the values that become black and white in all images of more than 8 bits a channel (16 bits of colour; 16
            and 32 bits and floating point of grey); None: measured on at most 10,000 training images, once; see
            :class:`~zen_lightning.data.grey.GreyRange`.
        max_pixels: pixels of an image above which it is one that cannot be read.

    Raises:
        UserError: an argument out of range.
    """

    _by_reading: ClassVar[tuple[str, ...]] = (*MeasuredSource._by_reading, "_content")

    def __init__(
        self,
        root: str | None,
        name: str = "image_folder",
        image_size: Pixels | None = 224,
        classes: Sequence[ClassName] | None = None,
        val_fraction: ShareAbove0 = 0.2,
        split_seed: Seed = 0,
        mean: Sequence[Finite] | None = None,
        std: Sequence[Positive] | None = None,
        crop_ratio: ShareAbove0 | None = 0.875,
        corrupt: Corrupt = "fatal",
        verify: bool = True,
        placement: str = "cpu",
        grey_range: Sequence[Finite] | None = None,
        max_pixels: Count = MAX_PIXELS,
    ) -> None:
        folder = named_folder(root, "name a folder of class folders, or one with train/ and val/")
        check_choices(corrupt, classes, "{None} for all")
        if image_size is not None and image_size < 1:
            raise UserError(key="image_size", value=image_size, expected="1 or more")
        check_crop_ratio(crop_ratio)
        super().__init__(folder, mean, std, grey_range, max_pixels)
        self.name = name
        self.crop_ratio = crop_ratio
        self.placement = check_placement(placement)
        self._wanted = classes
        self._held_out = HeldOut(val_fraction, split_seed)
        self._corrupt: Corrupt = corrupt
        self._verify = verify
        if self._std is not None and min(self._std) <= 0:
            raise UserError(key="std", value=list(self._std), expected="numbers above 0")
        self.image_size = image_size or self._common_size()

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the class folders."""
        return self._layout.classes

    def prepare(self) -> None:
        """List, check and measure the images.

        Raises:
            UserError: folders or images are missing or cannot be read, or some classes are only among the validation images.
        """
        _ = self._content, self.mean, self.std

    def train(self) -> FileImages:
        """Return the images to train on."""
        if self._all_validate:
            raise self._held_out.nothing_left()
        return self._images(self._content[0])

    def val(self) -> FileImages:
        """Return the images to validate on."""
        return self._images(self._content[1])

    def _common_size(self) -> int:
        return common_size(self._listed().paths)

    @cached_property
    def _splits(self) -> Splits:
        return splits_below(self._root, self._wanted)

    @cached_property
    def _layout(self) -> FolderLayout:
        return folder_layout(self._root, self._splits, self._wanted)

    @cached_property
    def _indexes(self) -> list[tuple[Path, SharedIndex]]:
        """The folders, and the index of each: of training images, and of validation images where they have a folder."""
        classes, *folders = self._layout
        return [
            (folder, SharedIndex(folder, classes, self._max_pixels, may_lack))
            for folder, may_lack in zip(folders, (False, True), strict=True)
            if folder is not None
        ]

    @cached_property
    def _content(self) -> tuple[IndexedImages, IndexedImages]:
        """Training and validation images."""
        used = [folder for folder, _ in self._indexes]
        if is_main_process() and self._wanted is None:
            for line in (*unused(self._root, self._splits), *odd_classes(used[0], self.classes)):
                print(line, file=sys.stderr, flush=True)
        tell_outside(dict.fromkeys((self._root, *used)))
        indexes = [
            (folder, index.checked(self._reading) if self._verify else index.listed()) for folder, index in self._indexes
        ]
        if self._verify:
            report_corrupt(indexes, self._corrupt, cache_path(self._root, suffix=".corrupt.txt"))
            report_flat(indexes)
        if len(indexes) == 1:
            positions: tuple[NDArray[np.int64], ...]
            positions = self._held_out.split(indexes[0][1].labels, names=self.classes)
            indexes *= 2
        else:
            positions = tuple(np.arange(len(index.labels), dtype=np.int64) for _, index in indexes)
        train, val = (self._part(*index, part) for index, part in zip(indexes, positions, strict=True))
        for label in () if self._all_validate else train.missing(self.classes):
            missing = f"no image of class {label!r} to train on can be read"
            raise UserError(missing, key="root", value=self._root)
        if not len(val.labels):
            raise UserError("no image to validate on can be read", key="root", value=self._root)
        self._tell_missing(val.missing(self.classes), indexes[1][0])
        if len(self._indexes) == 1:
            self._held_out.tell(self._indexes[0][0], "folder", len(train.labels), len(val.labels))
        return train, val

    @property
    def _all_validate(self) -> bool:
        """Whether a folder without one for validation is for validation as a whole."""
        return self._held_out.takes_all and len(self._indexes) == 1

    def _tell_missing(self, missing: Sequence[str], folder: Path) -> None:
        """Say which classes are not validated; once, on the main process."""
        if not missing or not is_main_process():
            return
        named = first_names(missing, NAMED)
        what = f"{folder} has no images of {len(missing):,} of {len(self.classes):,} classes ({named})"
        told = "they are trained on, their labels are those of the training images, and accuracies leave them out"
        print(f"{what}: {told}", file=sys.stderr, flush=True)

    def _part(self, folder: Path, index: FolderIndex, positions: NDArray[np.int64]) -> IndexedImages:
        if self._verify:
            positions = positions[index.verdicts[positions] != CORRUPT]
        return indexed_images(folder, index, positions)

    def _images(self, part: IndexedImages) -> FileImages:
        return FileImages(part.paths, part.labels, self._corrupt == "skip", self._reading)

    def _to_measure(self) -> FileImages:
        return self._images(self._content[1] if self._all_validate else self._content[0])

    def _listed(self) -> IndexedImages:
        """Return all images of the folder of training images, those for validation among them where it has no other."""
        folder, index = self._indexes[0]
        return indexed_images(folder, index.listed())

    def _deep_fingerprint(self) -> str:
        return self._listed().identity(b"grey and depth")

    def _deep_extent(self) -> Extent | None:
        paths = self._listed().paths
        chosen = [at for at in evenly_spread(len(paths)).tolist() if paths.relative(at).lower().endswith(ENDINGS)]
        return measured_extent(chosen, lambda at: opened(paths[at], self._max_pixels))

    def _fingerprint(self) -> str:
        return self._content[self._all_validate].identity(str(self._reading.grey).encode())
