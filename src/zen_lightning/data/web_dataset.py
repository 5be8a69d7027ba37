"""Shards of the WebDataset format (https://github.com/webdataset/webdataset), as clusters keep large datasets."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from zen_lightning.data.decode import MAX_PIXELS
from zen_lightning.data.deep_range import measured_extent
from zen_lightning.data.grey import Extent
from zen_lightning.data.held_out import HeldOut
from zen_lightning.data.measured_source import READ, MeasuredSource, check_choices, check_crop_ratio, named_folder
from zen_lightning.data.shards.images import ShardImages
from zen_lightning.data.shards.index import ShardIndex, library, read_index
from zen_lightning.data.split_names import NAMES
from zen_lightning.data.statistics import evenly_spread
from zen_lightning.data.statistics_cache import fingerprint
from zen_lightning.data.verification import Corrupt
from zen_lightning.errors import UserError
from zen_lightning.system.failing_disk import said_of
from zen_lightning.system.listing import files_below
from zen_lightning.system.named_path import expanded
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.value_types import ClassName, Count, Finite, Pixels, Positive, Seed, ShareAbove0

_CLASSES = "classes.txt"

_LARGEST_CLASSES = 2**24
"""Bytes of that file. A choice: the names of 100,000 classes have 2 MB."""


class WebDataset(MeasuredSource):
    """Tar files that hold each image (``KEY.jpg``, ``.png``, ...) next to its label (``KEY.cls``, a number from 0).

    The shards are looked through once; an index of them is kept in the user's cache. Images are then read one by one from their
    places, in an order that depends on seed and epoch alone, by any number of processes and workers.

    Args:
        root: the folder of the shards.
        name: as in ``dataset=``.
        train: the shards to train on, as a pattern below ``root`` with braces and wildcards: ``train-{0000..1023}.tar``,
            ``train/*.tar``; None: those whose name or folder says so (``train``, ``training``, ``trn``).
        val: the shards to validate on, likewise (``val``, ``valid``, ``validation``, ..., else ``test``); where there are
            none, a share of the training images is held out.
        image_size: height and width that a network sees by default.
        classes: the names, in the order of the labels; None: the lines of ``classes.txt`` in ``root``, else the numbers.
        val_fraction: the share of each class that is held out where there are no shards for validation. 1 is for an evaluation:
            it takes all images, of shards of any name where none says that it is to train on.
        split_seed: another split for each.
        mean: of the channels, of values from 0 to 1; None: measured on at most 10,000 training images, once.
        std: as ``mean``.
        crop_ratio: of validation images; see :class:`~zen_lightning.data.DataSource`.
        corrupt: what becomes of an image that cannot be read: ``fatal`` ends the training, ``skip`` takes the next one of its
            class instead.
        shards_at_once: shards that are read at a time, their images mixed; None: images are mixed over all shards, which is
            best where the file system reads single images well.
        grey_range: the values that become black and white in all images of more than 8 bits a channel; None: measured; as for
            :class:`~zen_lightning.data.ImageFolder`.
        max_pixels: pixels of an image above which it is one that cannot be read.

    Raises:
        UserError: an argument out of range.
        MissingExtraError: the webdataset library is not installed.
    """

    def __init__(
        self,
        root: str | None,
        name: str = "webdataset",
        train: str | None = None,
        val: str | None = None,
        image_size: Pixels = 224,
        classes: Sequence[ClassName] | None = None,
        val_fraction: ShareAbove0 = 0.2,
        split_seed: Seed = 0,
        mean: Sequence[Finite] | None = None,
        std: Sequence[Positive] | None = None,
        crop_ratio: ShareAbove0 | None = 0.875,
        corrupt: Corrupt = "fatal",
        shards_at_once: Count | None = None,
        grey_range: Sequence[Finite] | None = None,
        max_pixels: Count = MAX_PIXELS,
    ) -> None:
        folder = named_folder(root, "name the folder of the shards")
        check_choices(corrupt, classes)
        check_crop_ratio(crop_ratio)
        for key, value in (("image_size", image_size), ("shards_at_once", shards_at_once)):
            if (value is not None or key == "image_size") and (type(value) is not int or value < 1):
                raise UserError(key=key, value=value, expected="a whole number, 1 or more")
        library()
        super().__init__(folder, mean, std, grey_range, max_pixels)
        if std is not None and self._std is not None and min(self._std) <= 0:
            raise UserError(key="std", value=list(std), expected="numbers above 0")
        self.name, self.image_size, self.crop_ratio = name, image_size, crop_ratio
        self._patterns = {"train": train, "val": val}
        self._given = None if classes is None else tuple(str(one) for one in classes)
        self._held_out = HeldOut(val_fraction, split_seed)
        self._skip, self._at_once = corrupt == "skip", shards_at_once

    @property
    def classes(self) -> tuple[str, ...]:
        """As given, as ``classes.txt`` has them, else the numbers of the labels."""
        named = self._given or self._named
        return named if named is not None else tuple(str(label) for label in range(self._labels))

    def prepare(self) -> None:
        """Look through the shards, and measure the images.

        Raises:
            UserError: there are no shards, one cannot be read, or there are more labels than classes.
        """
        if self._labels > len(self.classes):
            where = "{classes}" if self._given else str(self._root / _CLASSES)
            what = f"there are labels up to {self._labels - 1}, and {where} names {len(self.classes)} classes"
            raise UserError(what, key="classes", remedy="name one for each label, from 0")
        _ = self.mean, self.std, self.grey_range

    def check(self) -> None:
        """Find the shards; errors as for :meth:`prepare`."""
        _ = self._shards

    def train(self) -> ShardImages:
        """Return the images to train on."""
        if self._all_validate:
            raise self._held_out.nothing_left()
        return ShardImages(self._parts[0], self._skip, self._at_once, self._reading)

    def val(self) -> ShardImages:
        """Return the images to validate on."""
        return ShardImages(self._parts[1], self._skip, reading=self._reading)

    @cached_property
    def _named(self) -> tuple[str, ...] | None:
        path = self._root / _CLASSES
        try:
            if not holds_file(path, _LARGEST_CLASSES, key="root", expected="the name of a class in each line"):
                return None
            return tuple(line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip())
        except UnicodeDecodeError as error:
            raise UserError(f"{path}: it is no UTF-8 text", key="root", remedy="save the file as UTF-8") from error
        except OSError as error:
            raise UserError(f"{path} cannot be read ({said_of(error)})", key="root") from error

    @property
    def _labels(self) -> int:
        return 1 + max(int(part.label.max(initial=0)) for part in self._parts)

    @cached_property
    def _shards(self) -> tuple[list[Path], list[Path]]:
        """The shards to train on and to validate on."""
        if not self._root.is_dir():
            raise UserError(f"{self._root} is not there", key="root", remedy="name the folder of the shards")
        asked = {part: pattern and _matching(self._root, pattern, part) for part, pattern in self._patterns.items()}
        every = files_below(self._root, ".tar", "root")
        train = asked["train"] or _called(every, self._root, "train")
        val = asked["val"] or _called(every, self._root, "val") or _called(every, self._root, "test")
        if self._held_out.takes_all and set(train) <= set(val):  # Of a test, say, whatever they are called.
            train, val = asked["val"] or train or val or every, []
        if not train:
            found = f"{len(every):,} tar files, none of which is called like training" if every else "no tar files"
            remedy = "say which they are: {train}='shard-*.tar'" if every else "shards are files KEY.tar"
            raise UserError(f"{self._root} holds {found}", key="root", remedy=remedy, involves=["train"])
        if both := set(train) & set(val):
            what = f"{min(both)} is among the shards to train on and to validate on"
            raise UserError(what, key="val", remedy="name them apart by {train} and {val}", involves=["train"])
        return train, val

    @property
    def _all_validate(self) -> bool:
        """Whether shards without any for validation are for validation as a whole."""
        return self._held_out.takes_all and not self._shards[1]

    @property
    def _measured_part(self) -> ShardIndex:
        """The images whose statistics are measured: those to train on, where there are any."""
        return self._parts[self._all_validate]

    @cached_property
    def _parts(self) -> tuple[ShardIndex, ShardIndex]:
        train, val = self._shards
        index = read_index(train, self._root)
        if val:
            parts = index, read_index(val, self._root)
        else:
            picked = self._held_out.split(index.label)
            parts = index.pick(picked[0]), index.pick(picked[1])
            self._held_out.tell(self._root, "shards", *map(len, picked))
        needed = {"validate on": parts[1]} if self._all_validate else {"train on": parts[0], "validate on": parts[1]}
        for what, part in needed.items():
            if not len(part.label):
                raise UserError(f"the shards hold no image to {what}", key="root", value=self._root)
        return parts

    def _to_measure(self) -> ShardImages:
        return ShardImages(self._measured_part, self._skip, reading=self._reading)

    def _fingerprint(self) -> str:
        return self._key(str(self._reading.grey).encode())

    def _deep_fingerprint(self) -> str:
        return self._key(b"grey and depth")

    def _deep_extent(self) -> Extent | None:
        images = ShardImages(self._measured_part)
        chosen = [at for at in evenly_spread(len(images)).tolist() if images.may_be_deep(at)]
        return measured_extent(chosen, lambda at: images.opened(at, self._max_pixels))

    def _key(self, more: bytes) -> str:
        index = self._measured_part
        picked = evenly_spread(len(index.label))
        stats = [(name, Path(name).stat()) for name in index.shards]
        stamps = [f"{name}\0{stat.st_size}:{stat.st_mtime_ns}".encode() for name, stat in stats]
        return fingerprint([READ, more, *stamps, np.stack([column[picked] for column in index[1:3]]).tobytes()])


def _matching(root: Path, pattern: Any, key: str) -> list[Path]:
    """Return the shards that a pattern names; each part of it must name some."""
    if not isinstance(pattern, str):
        raise UserError(key=key, value=pattern, expected="a pattern such as train-{0000..1023}.tar or train/*.tar, or {None}")
    found: list[Path] = []
    for name in library().shardlists.expand_urls(pattern):
        if "://" in name or name.startswith("pipe:"):
            remedy = "copy the shards to a folder: images are read from their places in the files"
            raise UserError(key=key, value=name, expected="files below {root}", remedy=remedy, involves=["root"])
        path = expanded(name)
        matching = sorted(path.parent.glob(path.name) if path.is_absolute() else root.glob(name))
        if not matching:
            raise UserError(f"there is no shard {name} in {root}", key=key, value=pattern)
        found += matching
    return found


def _called(shards: list[Path], root: Path, split: str) -> list[Path]:
    """Return the shards whose folder or name says that they are of a split."""

    def words(path: Path) -> set[str]:
        parts = path.relative_to(root).with_suffix("").as_posix().lower()
        return set("".join(char if char.isalpha() else " " for char in parts).split())

    return [path for path in shards if words(path) & set(NAMES[split])]
