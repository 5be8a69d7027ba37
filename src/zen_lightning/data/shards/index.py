"""Where the images of shards lie, found by one look at every shard, and kept in the user's cache."""

import hashlib
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.index_file import cache_path
from zen_lightning.errors import MissingExtraError, UserError, first_line
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.cores import available_cores
from zen_lightning.system.files import atomic_path
from zen_lightning.system.live_bar import with_bar
from zen_lightning.system.ordinary_file import require_file

IMAGES = ("jpg", "jpeg", "png", "webp", "ppm", "pgm", "pbm")
"""Names of fields that hold an image: those that the webdataset library decodes to images, and WebP."""

_LABEL = "cls"
_COLUMNS = 4

_LONGEST_LABEL = 64
"""Bytes of a label that are read: it is a number."""


class ShardIndex(NamedTuple):
    """The images of shards, shard after shard, as they lie there.

    Attributes:
        shards: the tar files.
        shard: the position of each image's shard, int64 (images,).
        offset: where its bytes begin in the file.
        size: how many they are.
        label: its class.
    """

    shards: tuple[str, ...]
    shard: NDArray[np.int64]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]
    label: NDArray[np.int64]

    def pick(self, positions: NDArray[np.int64]) -> "ShardIndex":
        """Return some of the images."""
        return ShardIndex(self.shards, *(column[positions] for column in self[1:]))


def library() -> Any:
    """Return the webdataset library.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import webdataset
    except ImportError:
        raise MissingExtraError("webdataset", "webdataset", "dataset=webdataset") from None
    return webdataset


def read_index(shards: Sequence[Path], root: Path) -> ShardIndex:
    """Return the index of shards, from the cache where they have not changed since.

    Args:
        shards: the tar files.
        root: the folder of the dataset.

    Raises:
        UserError: a shard cannot be read, or holds an image without a label.
    """
    names = tuple(str(path) for path in shards)
    stats = [(name, path.stat()) for name, path in zip(names, shards, strict=True)]
    stamps = json.dumps([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats])
    cache = cache_path(root, hashlib.sha256(stamps.encode()).hexdigest(), suffix=".shards.npy")
    table = _cached(cache)
    if table is None:
        parts = bounded_map(_images_of, shards, available_cores())
        found = list(with_bar(parts, len(shards), "listing", "shards"))
        numbered = [np.insert(part, 0, number, axis=1) for number, part in enumerate(found)]
        table = np.concatenate(numbered) if numbered else np.empty((0, _COLUMNS), dtype=np.int64)
        _keep(cache, table)
    return ShardIndex(names, *np.ascontiguousarray(table.T))


def _cached(path: Path) -> NDArray[np.int64] | None:
    try:
        if not check_beside(path, "remove it: it is made again"):
            return None
        found: NDArray[np.int64] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, UserError):
        return None
    return found if found.dtype == np.int64 and found.ndim == 2 and found.shape[1] == _COLUMNS else None


def _keep(path: Path, table: NDArray[np.int64]) -> None:
    try:
        with atomic_path(path, checksum=True) as temporary, temporary.open("wb") as file:
            np.save(file, table)
    except OSError:
        return  # The next start looks again.


def _images_of(shard: Path) -> NDArray[np.int64]:
    """Return offset, size and label of each image of a shard: int64 (images, 3)."""
    try:
        require_file(shard)
        with tarfile.open(shard, "r:") as tar:
            samples = library().tariterators.group_by_keys(_members(tar, shard))
            return np.array([_row(sample, shard) for sample in samples], dtype=np.int64).reshape(-1, 3)
    except (OSError, tarfile.TarError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        remedy = "shards are tar files without compression: is this one complete?"
        raise UserError(f"the shard {shard} cannot be read ({first_line(error)})", key="root", remedy=remedy) from error


def _members(tar: tarfile.TarFile, shard: Path) -> Iterator[dict[str, Any]]:
    """Yield what the library groups to samples: the place of images, the content of labels."""
    size = shard.stat().st_size
    for member in tar:
        if not member.isreg():
            continue
        if member.offset_data + member.size > size:
            raise tarfile.TarError(f"it ends within {member.name}")
        content: Any = (member.offset_data, member.size)
        if member.name.lower().rsplit(".", 1)[-1] == _LABEL:
            file = tar.extractfile(member)
            content = b"" if file is None else file.read(_LONGEST_LABEL)
        yield {"fname": member.name, "data": content, "__url__": str(shard)}


def _row(sample: dict[str, Any], shard: Path) -> tuple[int, int, int]:
    """Return offset, size and label of a sample."""
    images = sorted(field for field in sample if field.rsplit(".", 1)[-1] in IMAGES)
    where = f"{sample['__key__']} in the shard {shard}"
    if len(images) != 1:
        what = f"{len(images)} images ({', '.join(images)})" if images else f"no image ({', '.join(sorted(_fields(sample)))})"
        raise UserError(f"{where} has {what}", key="root", remedy=f"one of .{', .'.join(IMAGES)} for each sample")
    if _LABEL not in sample:
        raise UserError(f"{where} has no label", key="root", remedy=f"its class is a number from 0 in KEY.{_LABEL}")
    try:
        label = int(sample[_LABEL])
    except ValueError:
        label = -1
    if label < 0:
        found = sample[_LABEL][:40].decode(errors="replace")
        raise UserError(f"{where} has the label {found!r}", key="root", expected="a number from 0")
    offset, size = sample[images[0]]
    return offset, size, label


def _fields(sample: dict[str, Any]) -> list[str]:
    return [f".{field}" for field in sample if not field.startswith("__")]
