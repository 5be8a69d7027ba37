"""Many paths in little memory."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


class Paths:
    """An immutable sequence of paths, held as one string of bytes: a million of them are two Python objects.

    Args:
        paths: relative to ``root``.
        root: what every path begins with.

    Example:
        >>> paths = Paths(["cat/1.png", "dog/2.png"], "images")
        >>> paths[1], len(paths)
        ('images/dog/2.png', 2)
    """

    def __init__(self, paths: Iterable[str], root: str) -> None:
        encoded = [path.encode("utf-8", "surrogateescape") for path in paths]
        self.root = root
        self._bytes = b"".join(encoded)
        self._ends = np.cumsum([len(path) for path in encoded], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> str:
        return f"{self.root}/{self.relative(index)}"

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def relative(self, index: int) -> str:
        """Return a path without the root."""
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        begin = int(self._ends[index - 1]) if index else 0
        return self._bytes[begin : int(self._ends[index])].decode("utf-8", "surrogateescape")

    def pick(self, indices: NDArray[np.int64]) -> "Paths":
        """Return some of the paths, in the order of ``indices``."""
        return Paths((self.relative(int(index)) for index in indices), self.root)
