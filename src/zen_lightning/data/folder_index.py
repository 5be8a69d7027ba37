"""Listing the images of class folders."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.decode import is_of_system
from zen_lightning.data.index_file import CORRUPT, UNKNOWN, FolderIndex, packed
from zen_lightning.data.label_lists import label_lists, sorted_by
from zen_lightning.data.other_files import listed, what_to_do
from zen_lightning.data.paths import encode
from zen_lightning.errors import UserError, nearest
from zen_lightning.system.listing import has_gone, is_hidden, unreadable
from zen_lightning.system.live_bar import with_bar
from zen_lightning.system.numbers import first_names
from zen_lightning.system.processes import is_main_process

EXTENSIONS = (
    *(".apng", ".avif", ".avifs", ".bmp", ".dib", ".gif", ".ico", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc", ".jpe", ".jpeg"),
    *(".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pcx", ".pfm", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".sgi", ".tga", ".tif"),
    *(".tiff", ".webp"),
)
"""Endings of image files that Pillow reads. A choice among its formats: those of pictures that need no other program."""

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z", ".rar")

_NAMED_ENDINGS = 5
"""Endings that a line about files left out names. A choice."""

_THUMBNAILS = ("thumbs.db", "ehthumbs.db")
"""Files of thumbnails that Windows puts into folders of images."""

_THREADS = 8
"""Class folders listed at a time. A choice: listing waits for a network drive, not for a core."""


def class_folders(folder: Path) -> tuple[str, ...]:
    """Return the names of the class folders, sorted; hidden ones do not count.

    Raises:
        UserError: there is no such folder, or there are none in it.
    """
    try:
        with os.scandir(folder) as entries:
            found, images = _inside(entries)
    except OSError as error:
        raise UserError(
            f"it cannot be read ({error.strerror})", key="root", value=folder, expected="a folder of class folders"
        ) from None
    if not found:
        without = f"{images:,} image{'s' * (images > 1)} and no class folders" if images else "no class folders"
        packed_up = _archives(folder)
        unpack = "unpack the archives; one of a class into a folder of its name" if packed_up else ""
        raise UserError(
            f"{folder} has {without}" + (f", and archives ({first_names(packed_up, 3)})" if packed_up else ""),
            key="root",
            expected="a folder for each class, with its images",
            remedy=unpack or (sorted_by(lists) if images and (lists := label_lists(folder)) else ""),
        )
    return tuple(found)


def _archives(folder: Path) -> list[str]:
    with _scanned(folder) as entries:
        return sorted(entry.name for entry in entries if entry.name.lower().endswith(_ARCHIVES) and not is_hidden(entry.name))


def tell_outside(places: Iterable[Path]) -> None:
    """Say which folders hold images beside class folders: they have no class, and are left out.

    Args:
        places: folders of class folders, and those above them.
    """
    for folder in places:
        with _scanned(folder) as entries:
            _, images = _inside(entries)
        if images and is_main_process():
            what = f"left out {images:,} image{'s' * (images > 1)} of {folder} that {'are' if images > 1 else 'is'}"
            print(f"{what} in no class folder", file=sys.stderr, flush=True)


def chosen_classes(wanted: Sequence[str], found: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return the classes that a user asks for, after checking that they are there.

    Raises:
        UserError: no class, a class twice, or one without a folder.
    """
    classes = tuple(str(name) for name in wanted)
    if not classes:
        raise UserError(key="classes", value="[]", expected="at least one class, or {None} for all")
    for name in classes:
        if classes.count(name) > 1:
            raise UserError(f"{{classes}} has {name!r} twice", key="classes")
        if name not in found:
            hint = nearest(name, list(found))
            raise UserError(f"{{classes}} has {name!r}, and {folder} no such folder{hint}", key="classes")
    return classes


def list_folder(folder: Path, classes: Sequence[str], may_lack: bool = False) -> FolderIndex:
    """Return the images of the class folders, those of their sub-folders included; hidden files do not count.

    Nothing is read of a file but its size and time, so that there are no verdicts.

    Args:
        folder: the folder of the class folders.
        classes: the class folders, in the order of the labels.
        may_lack: whether a class may have no images, or no folder, as long as another has some.

    Raises:
        UserError: a class folder without images.
    """
    parts = bounded_map(lambda name: _files(folder, name), classes, _THREADS)
    found = list(with_bar(parts, len(classes), "listing", f"class folders of {folder}"))
    for name, part in zip(classes, found, strict=True):
        if not len(part.lengths) and not (may_lack and any(len(other.lengths) for other in found)):
            raise _without_images(folder / name, part.others)
    _tell_others(folder, [part.others for part in found])
    counts = [len(part.lengths) for part in found]
    return FolderIndex(
        content=np.concatenate([part.content for part in found]),
        ends=np.cumsum(np.concatenate([part.lengths for part in found]), dtype=np.int64),
        labels=np.repeat(np.arange(len(classes), dtype=np.int64), counts),
        sizes=np.concatenate([part.sizes for part in found]),
        times=np.concatenate([part.times for part in found]),
        verdicts=np.full(sum(counts), UNKNOWN, dtype=np.uint8),
        reasons={},
    )


def _without_images(folder: Path, others: Counter[str]) -> UserError:
    what, advice = f"the class folder {folder} has no images", what_to_do(others)
    if others:
        what += f" that can be read, but {listed(others, _NAMED_ENDINGS)}"
    known = f"add some ({' '.join(EXTENSIONS)})"
    remedy = f"{advice or known}, remove the folder, or leave the class out by {{classes}}"
    return UserError(what, remedy=remedy, involves=["classes"])


def carried_over(old: FolderIndex, new: FolderIndex) -> FolderIndex:
    """Return the new index with the old one's verdicts on files whose size and time are as they were."""
    at = _positions(old, new)
    same = (at >= 0) & (old.sizes[at] == new.sizes) & (old.times[at] == new.times) if len(old.ends) else at >= 0
    verdicts = np.where(same, old.verdicts[at] if len(old.ends) else UNKNOWN, UNKNOWN).astype(np.uint8)
    reasons = {int(index): old.reasons.get(int(at[index]), "") for index in np.flatnonzero(verdicts == CORRUPT)}
    return new._replace(verdicts=verdicts, reasons=reasons)


def without_refusals(index: FolderIndex) -> FolderIndex:
    """Return an index without its verdicts on files that the system refused to read.

    Who gives the permission, or mends the disk, changes neither size nor time of a file.
    """
    kept = {at: reason for at, reason in index.reasons.items() if not is_of_system(reason)}
    if len(kept) == len(index.reasons):
        return index
    verdicts = np.array(index.verdicts)
    verdicts[[at for at in index.reasons if at not in kept]] = UNKNOWN
    return index._replace(verdicts=verdicts, reasons=kept)


class _Files(NamedTuple):
    content: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    sizes: NDArray[np.int64]
    times: NDArray[np.int64]
    others: Counter[str]


def _positions(old: FolderIndex, new: FolderIndex) -> NDArray[np.int64]:
    """Return where each file of the new index was in the old one, -1 for nowhere."""
    if np.array_equal(old.ends, new.ends) and np.array_equal(old.content, new.content):
        return np.arange(len(new.ends), dtype=np.int64)
    # By 64-bit hashes of paths: a dictionary of a million paths would take 200 MB. A chance collision is one in 10^7, and would
    # need the same size and time.
    before, after = (_hashes(index) for index in (old, new))
    if not len(before):
        return np.full(len(after), -1, dtype=np.int64)
    order = np.argsort(before)
    place = np.minimum(np.searchsorted(before[order], after), len(order) - 1)
    at = order[place]
    return np.where(before[at] == after, at, -1)


def _hashes(index: FolderIndex) -> NDArray[np.int64]:
    content = index.content.tobytes()
    begin, found = 0, np.empty(len(index.ends), dtype=np.int64)
    for position, end in enumerate(index.ends.tolist()):
        found[position] = hash(content[begin:end])
        begin = end
    return found


def _files(folder: Path, name: str) -> _Files:
    found: list[tuple[str, int, int]] = []
    others: Counter[str] = Counter()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        inside = waiting.pop()
        real = os.path.realpath(folder / inside)
        if real in seen:  # A link to a folder above.
            continue
        seen.add(real)
        with _scanned(folder / inside, lenient=False) as entries:
            for entry in entries:
                if is_hidden(entry.name):
                    others["hidden"] += 1
                elif entry.is_dir():
                    waiting.append(f"{inside}/{entry.name}")
                elif entry.name.lower().endswith(EXTENSIONS):
                    found.append((f"{inside}/{entry.name}", *_stamp(entry)))
                elif entry.name.lower() in _THUMBNAILS:
                    others["of thumbnails"] += 1
                else:
                    others[os.path.splitext(entry.name)[1].lower() or "without an ending"] += 1
    found.sort()
    content, lengths = packed([encode(path) for path, _, _ in found])
    sizes, times = (np.array([row[column] for row in found], dtype=np.int64) for column in (1, 2))
    return _Files(content, lengths, sizes, times, others)


def _tell_others(folder: Path, others: Iterable[Counter[str]]) -> None:
    """Say which files of class folders are not taken for images."""
    total = sum(others, Counter[str]())
    if not total or not is_main_process():
        return
    count = f"{total.total():,} file{'s' * (total.total() != 1)}"
    verb = "are not images by their names" if total.total() != 1 else "is no image by its name"
    advice = what_to_do(total)
    told = f"left out {count} of {folder} that {verb}: {listed(total, _NAMED_ENDINGS)}" + (f"; {advice}" if advice else "")
    print(told, file=sys.stderr, flush=True)


def _inside(entries: Iterable["os.DirEntry[str]"]) -> tuple[list[str], int]:
    """Return the names of folders, sorted, hidden ones left out, and the number of images beside them."""
    names, images = [], 0
    for entry in entries:
        if is_hidden(entry.name):
            continue
        if entry.is_dir():
            names.append(entry.name)
        else:
            images += entry.name.lower().endswith(EXTENSIONS)
    return sorted(names), images


@contextmanager
def _scanned(folder: Path, lenient: bool = True) -> Iterator[Iterable["os.DirEntry[str]"]]:
    """Give what is in a folder: nothing where it is not there.

    Args:
        folder: it.
        lenient: whether nothing is given of a folder that cannot be read, either.

    Raises:
        UserError: it cannot be read. The images in it would be missed, and nothing would tell.
    """
    try:
        entries = os.scandir(folder)
    except OSError as error:
        if not lenient and not has_gone(error):
            raise unreadable(folder, error, "root") from None
        yield ()
        return
    with entries:
        yield entries


def _stamp(entry: "os.DirEntry[str]") -> tuple[int, int]:
    try:
        status = entry.stat()
    except OSError:
        return -1, 0
    return status.st_size, status.st_mtime_ns
