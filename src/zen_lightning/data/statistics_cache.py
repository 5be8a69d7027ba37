"""Channel statistics of image folders, kept between runs in the user's cache folder."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from zen_lightning.data.index_file import cache_path
from zen_lightning.errors import UserError
from zen_lightning.system.json_files import read_json, write_json

Values = list[list[float]]
_KEPT = 10
"""Measurements kept for a dataset. A choice: some choices of classes and splits, in a file of a few kB."""


class StatisticsCache:
    """Channel statistics, by a key that identifies the images. A damaged cache counts as empty.

    Args:
        root: folder of the dataset; each has a cache of its own.

    Attributes:
        path: the cache, a JSON file.
    """

    def __init__(self, root: Path) -> None:
        self.path = cache_path(root, suffix=".json")
        self._root = root

    def get(self, key: str, rows: int = 2) -> Values | None:
        """Return what was remembered by :meth:`remember`: rows of three numbers."""
        found = self._read().get(key)
        fits = isinstance(found, list) and len(found) == rows and all(isinstance(row, list) and len(row) == 3 for row in found)
        return found if fits else None

    def remember(self, key: str, values: Values) -> None:
        """Remember a measurement; of earlier ones a few are kept. Where the cache cannot be written, a message says so."""
        kept = list(self._read().items())[1 - _KEPT :]
        try:
            write_json(self.path, {**dict(kept), key: values})
        except OSError as error:
            print(f"what was measured on {self._root} is not kept ({error}): the next start measures again", file=sys.stderr)

    def _read(self) -> dict[str, Any]:
        try:
            return read_json(self.path, "measure again").content
        except (OSError, UserError):
            return {}


def fingerprint(lines: list[bytes]) -> str:
    """Return a digest of what identifies images."""
    return hashlib.sha256(b"\n".join(lines)).hexdigest()
