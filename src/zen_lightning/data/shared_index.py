"""The index of a folder, made by one process and read by the others of a training and by later ones."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from zen_lightning.data.decode import MAX_PIXELS, USUAL, Reading
from zen_lightning.data.folder_index import carried_over, list_folder, without_refusals
from zen_lightning.data.index_file import UNKNOWN, FolderIndex, cache_path, read_index, write_index
from zen_lightning.data.launch_time import launched_since
from zen_lightning.data.verification import check_unknown
from zen_lightning.system.locks import locked


class SharedIndex:
    """An index in a file of the user's cache.

    Each run lists the folder once, to notice what is new, gone or changed: in the process that comes first, while the others
    wait and then map its file into their memory. A file that is damaged counts as none. Where none can be written, every
    process keeps its own in memory, and a message says so.

    Args:
        folder: a folder of class folders.
        classes: the class folders that count, in the order of the labels.
        max_pixels: pixels above which files are not readable.
        may_lack: whether a class may have no images; see :func:`~zen_lightning.data.folder_index.list_folder`.

    Attributes:
        path: the file of the index.
    """

    def __init__(self, folder: Path, classes: Sequence[str], max_pixels: int = MAX_PIXELS, may_lack: bool = False) -> None:
        limit = [] if max_pixels == MAX_PIXELS else ["", str(max_pixels)]  # Another limit has verdicts of its own.
        self.path = cache_path(folder, *classes, *limit, suffix=".index")
        self._folder = folder
        self._classes = classes
        self._may_lack = may_lack
        self._listed: FolderIndex | None = None
        self._listed_at = 0.0
        self._told = False

    def listed(self) -> FolderIndex:
        """Return the index, with verdicts on the files that were read before.

        Raises:
            UserError: a class folder without images.
        """
        if self._listed is None:
            since = launched_since()
            with self._alone():
                self._listed = self._fresh(since)
        return self._listed

    def checked(self, reading: Reading = USUAL) -> FolderIndex:
        """Return the index with verdicts on all files; those that have none are read; errors as for :meth:`listed`.

        Args:
            reading: how files are read.
        """
        index = self.listed()
        if (index.verdicts == UNKNOWN).any():
            with self._alone():
                known = read_index(self.path)  # Another process may have read them while this one waited.
                if known is not None and self._same_listing(known, index):
                    index = known
                if (index.verdicts == UNKNOWN).any():
                    index = check_unknown(index, self._folder, self._save, reading)
                    index = read_index(self.path) or index
            self._listed = index
        return index

    def _fresh(self, since: float) -> FolderIndex:
        known = read_index(self.path)
        if known is not None and (at := self._time()) >= since:
            self._listed_at = at
            return known
        self._listed_at = time.time()
        found = list_folder(self._folder, self._classes, self._may_lack)
        before = known
        if known is not None:
            known = without_refusals(known)
            found = carried_over(known, found)
        if known is None or known is not before or not self._same_listing(known, found):
            self._save(found)
            return read_index(self.path) or found
        self._stamp()
        return known

    def _same_listing(self, one: FolderIndex, other: FolderIndex) -> bool:
        pairs = zip(one[:5], other[:5], strict=True)
        return all(np.array_equal(a, b) for a, b in pairs)  # type: ignore[arg-type]  # The first five are arrays.

    def _save(self, index: FolderIndex) -> None:
        try:
            write_index(self.path, index)
            self._stamp()
        except OSError as error:
            if not self._told:
                print(f"the index of {self._folder} is not kept ({error}): the next start checks again", file=sys.stderr)
            self._told = True

    def _stamp(self) -> None:
        """Note in the file when the folder was listed."""
        try:
            os.utime(self.path, (self._listed_at, self._listed_at))
        except OSError:
            return

    def _time(self) -> float:
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        def say() -> None:
            print(f"waiting for the process that reads {self._folder}", file=sys.stderr, flush=True)

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            writable = os.access(self.path.parent, os.W_OK)
        except OSError:
            writable = False
        if not writable:
            yield
            return
        with locked(self.path.with_suffix(".lock"), say):
            yield
