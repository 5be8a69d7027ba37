"""The index of a folder of images as one file in the user's cache: made by one process, read by all the others."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.system.caches import caches
from zen_lightning.system.files import atomic_path
from zen_lightning.system.ordinary_file import other_than_file

_MAGIC = b"zen-lightning index 3\n"
_LONGEST_HEADER = 2**26
"""Bytes of the header. A choice: why 500,000 images cannot be read."""

_ALIGNED = 64
"""Bytes that each array in the file is aligned to: a cache line, and a multiple of every number's size."""

_TYPES = tuple(np.dtype(kind).str for kind in (np.uint8, np.int64))

UNKNOWN, SOUND, CORRUPT, FLAT = 0, 1, 2, 3
"""Verdicts on a file: not read yet, read to its end, not readable, or read and of one colour all over."""


class FolderIndex(NamedTuple):
    """The files of the class folders of a folder, class after class, in each by name.

    Attributes:
        content: the bytes of their paths relative to the folder.
        ends: where in ``content`` each path ends.
        labels: the position of each one's class.
        sizes: sizes of the files in bytes; -1 for one that is gone.
        times: times of their last modification, in nanoseconds.
        verdicts: UNKNOWN, SOUND, CORRUPT or FLAT for each.
        reasons: why the corrupt ones cannot be read, by their position.
    """

    content: NDArray[np.uint8]
    ends: NDArray[np.int64]
    labels: NDArray[np.int64]
    sizes: NDArray[np.int64]
    times: NDArray[np.int64]
    verdicts: NDArray[np.uint8]
    reasons: dict[int, str]


def cache_folder() -> Path:
    """Return the folder of what is kept about datasets."""
    return caches() / "datasets"


def cache_path(folder: Path, *more: str, suffix: str) -> Path:
    """Return where something about a folder is kept."""
    where = folder.resolve()
    key = "\0".join([str(where), *more])
    return cache_folder() / f"{where.name}-{hashlib.sha256(os.fsencode(key)).hexdigest()[:16]}{suffix}"


def write_index(path: Path, index: FolderIndex) -> None:
    """Write an index, atomically.

    Raises:
        OSError: it cannot be written.
    """
    arrays, at = [], 0
    for array in index[:-1]:
        assert isinstance(array, np.ndarray)
        arrays.append({"type": array.dtype.str, "length": len(array), "at": at})
        at += -(-array.nbytes // _ALIGNED) * _ALIGNED
    content = {"arrays": arrays, "reasons": {str(at): reason for at, reason in index.reasons.items()}, "bytes": at}
    header = json.dumps({**content, "sha256": _digest(content, index)}).encode()
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(_MAGIC + f"{len(header):012}\n".encode() + header)
        file.write(bytes(-file.tell() % _ALIGNED))
        for array in index[:-1]:
            assert isinstance(array, np.ndarray)
            file.write(np.ascontiguousarray(array).data)
            file.write(bytes(-array.nbytes % _ALIGNED))


def read_index(path: Path) -> FolderIndex | None:
    """Return an index whose arrays lie in the file's memory, which processes share; None: there is none, or it is damaged."""
    if other_than_file(path) is not None:
        return None
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
            length = int(file.read(13))
            if length > _LONGEST_HEADER:
                return None
            header = json.loads(file.read(length))
            begin = -(-file.tell() // _ALIGNED) * _ALIGNED
        if path.stat().st_size != begin + header["bytes"]:
            return None
        content, ends, labels, sizes, times, verdicts = (_mapped(path, begin, entry) for entry in header["arrays"])
        reasons = {int(index): str(reason) for index, reason in header["reasons"].items()}
        index = FolderIndex(content, ends, labels, sizes, times, verdicts, reasons)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if header.pop("sha256", None) != _digest(header, index):
        return None
    lengths = {len(array) for array in index[1:-1]}
    fits = len(lengths) == 1 and (not len(index.ends) or int(index.ends[-1]) == len(index.content))
    return index if fits else None


def packed(paths: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of paths, one after another, and the length of each."""
    lengths = np.fromiter(map(len, paths), dtype=np.int64, count=len(paths))
    return np.frombuffer(b"".join(paths), dtype=np.uint8), lengths


def _digest(header: dict[str, Any], index: FolderIndex) -> str:
    """Return the SHA-256 of the header and the arrays."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for array in index[:-1]:
        assert isinstance(array, np.ndarray)
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _mapped(path: Path, begin: int, entry: dict[str, Any]) -> NDArray[Any]:
    if entry["type"] not in _TYPES:  # NumPy would evaluate other text.
        raise ValueError(f"{path} has arrays of another type")
    if not entry["length"]:
        return np.empty(0, dtype=entry["type"])
    return np.memmap(path, dtype=entry["type"], mode="r", offset=begin + entry["at"], shape=(entry["length"],))
