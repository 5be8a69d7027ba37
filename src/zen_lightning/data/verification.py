"""Finding image files that cannot be read before a training starts."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Literal, NoReturn

import numpy as np

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.decode import USUAL, CorruptImageError, Reading, decode_pixels
from zen_lightning.data.index_file import CORRUPT, FLAT, SOUND, UNKNOWN, FolderIndex
from zen_lightning.data.paths import Paths
from zen_lightning.errors import UserError
from zen_lightning.system.cores import available_cores
from zen_lightning.system.files import write_text
from zen_lightning.system.last_words import sigterm_is_free
from zen_lightning.system.live_bar import with_bar
from zen_lightning.system.processes import is_main_process

Corrupt = Literal["fatal", "skip"]
_LISTED = 3
"""Unreadable files named on the terminal. A choice: the line also names the file that lists all."""

_SAVE_EVERY = 60.0
"""Seconds between two writes of the index. A choice: a kill costs a minute of reading, and a write a second at most."""


def check_unknown(
    index: FolderIndex, folder: Path, save: Callable[[FolderIndex], None], reading: Reading = USUAL
) -> FolderIndex:
    """Decode every file that has no verdict yet, on all cores, and return the index with all verdicts.

    Args:
        index: the index of the files.
        folder: the folder that it lists.
        save: called with the index so far every minute and at the end, also when an error or SIGTERM stops this.
        reading: how files are read.
    """
    unknown = np.flatnonzero(index.verdicts == UNKNOWN)
    index = index._replace(verdicts=np.array(index.verdicts), reasons=dict(index.reasons))
    paths = Paths.packed(index.content, index.ends, str(folder))
    print(f"reading {len(unknown):,} images of {folder} once, to find those that cannot be read", file=sys.stderr, flush=True)
    saved = time.monotonic()
    try:
        with _stopped_by_sigterm():
            judged = bounded_map(lambda at: verdict_of(paths[at], reading), map(int, unknown), available_cores())
            for at, (verdict, reason) in zip(unknown, with_bar(judged, len(unknown), "checking", "images"), strict=True):
                index.verdicts[at] = verdict
                if reason is not None:
                    index.reasons[int(at)] = reason
                if time.monotonic() - saved > _SAVE_EVERY:
                    save(index)
                    saved = time.monotonic()
    finally:
        save(index)
    return index


def report_corrupt(indexes: Sequence[tuple[Path, FolderIndex]], corrupt: Corrupt, listing: Path) -> None:
    """Say which files cannot be read.

    Args:
        indexes: folders and their indexes.
        corrupt: ``fatal``: raise; ``skip``: print how many and the first few.
        listing: file that lists them all, written for ``skip``.

    Raises:
        UserError: with ``fatal``, a file cannot be read; the message names the first and how many there are.
    """
    bad = [
        CorruptImageError(paths[at], index.reasons.get(at, "damaged"))
        for folder, index in indexes
        for paths in [Paths.packed(index.content, index.ends, str(folder))]
        for at in map(int, np.flatnonzero(index.verdicts == CORRUPT))
    ]
    if not bad:
        return
    if corrupt == "fatal":
        count = "" if len(bad) == 1 else f", and {len(bad) - 1:,} more"
        raise UserError(
            f"the image {bad[0].path} cannot be read ({bad[0].reason}){count}",
            remedy="replace it, or leave such images out by {corrupt}=skip",
            involves=["corrupt"],
        )
    if is_main_process():
        _report(bad, listing)


def verdict_of(path: str, reading: Reading = USUAL) -> tuple[int, str | None]:
    """Return the verdict on a file, and why it cannot be read, or None."""
    try:
        pixels = decode_pixels(path, reading)
    except CorruptImageError as error:
        return CORRUPT, error.reason
    flat = bool((pixels[0] == pixels[0, 0]).all()) and bool((pixels == pixels[0, 0]).all())
    return (FLAT if flat else SOUND), None


def report_flat(indexes: Sequence[tuple[Path, FolderIndex]]) -> None:
    """Say which images are of one colour all over, from which nothing can be learned: they may have been read wrongly."""
    flat = [
        paths[at]
        for folder, index in indexes
        for paths in [Paths.packed(index.content, index.ends, str(folder))]
        for at in map(int, np.flatnonzero(index.verdicts == FLAT))
    ]
    if flat and is_main_process():
        first = ", ".join(flat[:_LISTED]) + (", ..." if len(flat) > _LISTED else "")
        what = f"{len(flat):,} image{' is' if len(flat) == 1 else 's are'} of one colour all over, and used as"
        print(f"{what} {'it is' if len(flat) == 1 else 'they are'}: {first}", file=sys.stderr, flush=True)


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Turn SIGTERM into SystemExit with its exit code, where nobody else handles it and it would end the process at once."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    if not sigterm_is_free():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _report(bad: list[CorruptImageError], listing: Path) -> None:
    try:
        lines = "".join(f"{error.path}\t{error.reason}\n" for error in bad)
        write_text(listing, lines.encode("utf-8", "backslashreplace").decode())
        where = f"; all are listed in {listing}"
    except OSError:
        where = ""
    first = ", ".join(error.path for error in bad[:_LISTED]) + (", ..." if len(bad) > _LISTED else "")
    plural = "s" * (len(bad) > 1)
    print(f"left out {len(bad):,} image{plural} that cannot be read: {first}{where}", file=sys.stderr, flush=True)
