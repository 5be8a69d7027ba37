"""Finding image files that cannot be read before a training starts."""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np

from zen_lightning.data.decode import CorruptImageError, decode
from zen_lightning.data.file_images import FileImages
from zen_lightning.data.folder_index import Index
from zen_lightning.data.progress import with_progress
from zen_lightning.data.verdicts import Verdicts, stamps
from zen_lightning.errors import UserError
from zen_lightning.files import write_text

Corrupt = Literal["fatal", "skip"]
_LISTED = 3


def verify(indexes: Sequence[Index], root: Path, verdicts: Verdicts, corrupt: Corrupt) -> list[Index]:
    """Decode every file that is not known yet, on all cores, and return the indexes without those that cannot be read.

    Args:
        indexes: of training and validation images.
        root: of the dataset, for messages.
        verdicts: what is known; filled and saved, also when this is stopped.
        corrupt: ``fatal``: raise; ``skip``: leave out, print how many and the first few, list all in a file beside the cache.

    Raises:
        UserError: with ``fatal``, a file cannot be read; the message names the first and how many there are.
    """
    marks = [stamps(index.paths) for index in indexes]
    _judge(indexes, marks, verdicts, root)
    bad = [
        CorruptImageError(path, reason)
        for index, stamps_of in zip(indexes, marks, strict=True)
        for path, stamp in zip(index.paths, stamps_of, strict=True)
        if (reason := verdicts.corrupt(path, stamp)) is not None
    ]
    if not bad:
        return list(indexes)
    if corrupt == "fatal":
        count = "" if len(bad) == 1 else f"; it is the first of {len(bad):,}"
        raise UserError(
            f"the image {bad[0].path} cannot be read ({bad[0].reason}){count}. Replace it or set dataset.corrupt=skip"
        )
    listing = verdicts.path.with_suffix(".corrupt.txt")
    _report(bad, listing)
    gone = {error.path for error in bad}
    return [_without(index, gone) for index in indexes]


def images_of(index: Index, corrupt: Corrupt) -> FileImages:
    """Return the images of an index."""
    return FileImages(index.paths, index.labels, skip_corrupt=corrupt == "skip")


def reason_of(path: str) -> str | None:
    """Return why a file cannot be read, or None."""
    try:
        decode(path)
    except CorruptImageError as error:
        return error.reason
    return None


def _judge(indexes: Sequence[Index], marks: list[list[str]], verdicts: Verdicts, root: Path) -> None:
    unknown = [
        (path, stamp)
        for index, stamps_of in zip(indexes, marks, strict=True)
        for path, stamp in zip(index.paths, stamps_of, strict=True)
        if verdicts.unknown(path, stamp)
    ]
    if not unknown:
        return
    print(f"reading {len(unknown):,} images of {root} once, to find those that cannot be read", file=sys.stderr, flush=True)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    pool = ThreadPoolExecutor(threads)
    try:
        reasons = pool.map(lambda item: reason_of(item[0]), unknown)
        for (path, stamp), reason in zip(unknown, with_progress(reasons, len(unknown), "checked"), strict=True):
            verdicts.judge(path, stamp, reason)
    finally:
        pool.shutdown(cancel_futures=True)
        verdicts.save()


def _report(bad: list[CorruptImageError], listing: Path) -> None:
    try:
        lines = "".join(f"{error.path}\t{error.reason}\n" for error in bad)
        write_text(listing, lines.encode("utf-8", "backslashreplace").decode())
        where = f"; all are listed in {listing}"
    except OSError:
        where = ""
    first = ", ".join(error.path for error in bad[:_LISTED]) + (", ..." if len(bad) > _LISTED else "")
    print(f"left out {len(bad):,} images that cannot be read: {first}{where}", file=sys.stderr, flush=True)


def _without(index: Index, gone: set[str]) -> Index:
    kept = np.flatnonzero([path not in gone for path in index.paths])
    return Index(index.paths.pick(kept), index.labels[kept])
