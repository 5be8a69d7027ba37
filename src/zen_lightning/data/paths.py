"""Many paths in little memory."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


class Paths:
    """An immutable sequence of paths, held as bytes in one array: a million of them are a few Python objects.

    Args:
        paths: relative to ``root``.
        root: what every path begins with.

    Attributes:
        root: as given.

    Example:
        >>> paths = Paths(["cat/1.png", "dog/2.png"], "images")
        >>> paths[1], len(paths)
        ('images/dog/2.png', 2)
    """

    def __init__(self, paths: Iterable[str], root: str) -> None:
        encoded = [encode(path) for path in paths]
        self.root = root
        self._bytes = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        self._ends = np.cumsum([len(path) for path in encoded], dtype=np.int64)
        self._picked: NDArray[np.int64] | None = None

    @classmethod
    def packed(cls, content: NDArray[np.uint8], ends: NDArray[np.int64], root: str) -> "Paths":
        """Return paths that lie one after another.

        Args:
            content: their bytes; it may be the memory of a file.
            ends: where each ends.
            root: what every path begins with.
        """
        paths = cls((), root)
        paths._bytes, paths._ends = content, ends
        return paths

    def __len__(self) -> int:
        return len(self._ends if self._picked is None else self._picked)

    def __getitem__(self, index: int) -> str:
        return f"{self.root}/{self.relative(index)}"

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def relative(self, index: int) -> str:
        """Return a path without the root."""
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        if self._picked is not None:
            index = int(self._picked[index])
        begin = int(self._ends[index - 1]) if index else 0
        return self._bytes[begin : int(self._ends[index])].tobytes().decode("utf-8", "surrogateescape")

    def pick(self, indices: NDArray[np.int64]) -> "Paths":
        """Return some of the paths, in the order of ``indices``; they share the memory of all."""
        some = Paths.packed(self._bytes, self._ends, self.root)
        some._picked = indices if self._picked is None else self._picked[indices]
        return some


def encode(path: str) -> bytes:
    """Return the bytes of a path, of any that a file system has."""
    return path.encode("utf-8", "surrogateescape")
