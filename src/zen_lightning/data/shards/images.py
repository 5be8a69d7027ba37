"""Images in shards, read when they are asked for."""

import io
import os
import sys
import tarfile
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zen_lightning.data.decode import MAX_PIXELS, USUAL, CorruptImageError, Reading, check_bytes, decode_content, opened
from zen_lightning.data.deep_range import HEAD, may_be_deep
from zen_lightning.data.pixels import Pixels
from zen_lightning.data.shards.index import ShardIndex
from zen_lightning.errors import UserError
from zen_lightning.system.ordinary_file import require_file

_MOST_OPEN = 64
"""Shards that a process keeps open. A choice: far below what systems allow, and opening one again costs little."""

_MOST_TRIES = 100
"""Unreadable images in a row before the error is raised. A choice: so many in a row mean lost shards, not damaged images."""


_OPENING = threading.Lock()
"""Held while files are opened and forgotten: several threads read when images are measured."""


class _OpenFile:
    """A file that is closed when the last thread that reads it is done with it."""

    def __init__(self, path: str) -> None:
        require_file(path)
        self.number = os.open(path, os.O_RDONLY)

    def __del__(self) -> None:
        if hasattr(self, "number"):
            os.close(self.number)


class ShardImages:
    """Images from shards, each read by itself from its place in the file.

    Args:
        index: where they are.
        skip_corrupt: instead of an image that cannot be read, give the next one of its class, and say so once. Which one that
            is does not depend on what was read before.
        shards_at_once: shards whose images are mixed; None: all. See :meth:`order`.
        reading: how images are read.
    """

    def __init__(
        self,
        index: ShardIndex,
        skip_corrupt: bool = False,
        shards_at_once: int | None = None,
        reading: Reading = USUAL,
    ) -> None:
        self.index = index
        self.labels = index.label
        self._skip = skip_corrupt
        self._at_once = shards_at_once
        self._reading = reading
        self._files: dict[int, _OpenFile] = {}
        self._told: set[int] = set()

    def __len__(self) -> int:
        return len(self.index.label)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to a worker: open files are not."""
        return {**self.__dict__, "_files": {}, "_told": set()}

    def label(self, index: int) -> int:
        """Return a label."""
        return int(self.index.label[index])

    def image(self, index: int) -> Image.Image:
        """Return an image, mode RGB; errors as for :meth:`pixels`."""
        return Image.fromarray(self.pixels(index))

    def pixels(self, index: int) -> Pixels:
        """Return an image as an array (height, width, 3).

        Raises:
            UserError: it cannot be read, nor can the next ones of its class where they may take its place.
        """
        if not self._skip:
            return self._decoded(index)
        at, reason = index, ""
        for _ in range(_MOST_TRIES):
            try:
                return self._decoded(at)
            except CorruptImageError as error:
                if at not in self._told:
                    self._told.add(at)
                    print(f"skipped {error.path}: cannot be read ({error.reason})", file=sys.stderr, flush=True)
                at, reason = self._next_of_class(at), error.reason
                if at == index:
                    break
        what = f"{self.name(index)} and the images after it cannot be read ({reason})"
        raise UserError(what, remedy="are their shards as they were?")

    def order(self, rng: np.random.Generator) -> NDArray[np.int64] | None:
        """Return a random order in which few shards are read at a time; None: images are mixed over all shards.

        The shards are taken in random order, some at a time, and the images of these are mixed: a file system reads each shard
        once in an epoch, all of it within a short time.

        Args:
            rng: what is random in it.
        """
        if self._at_once is None:
            return None
        by_shard = np.argsort(self.index.shard, kind="stable")
        begins = np.searchsorted(self.index.shard[by_shard], np.arange(len(self.index.shards) + 1))
        shards = rng.permutation(len(self.index.shards))
        mixed = []
        for first in range(0, len(shards), self._at_once):
            together = [by_shard[begins[shard] : begins[shard + 1]] for shard in shards[first : first + self._at_once]]
            mixed.append(rng.permutation(np.concatenate(together)))
        return np.concatenate(mixed)

    def name(self, index: int) -> str:
        """Return the shard of an image and its name there, as a path; for messages: the shard is searched."""
        path, offset = self.index.shards[int(self.index.shard[index])], int(self.index.offset[index])
        try:
            with tarfile.open(path, "r:") as tar:
                return f"{path}/{next(member.name for member in tar if member.offset_data == offset)}"
        except (OSError, tarfile.TarError, StopIteration):
            return f"{path} at byte {offset}"

    def may_be_deep(self, index: int) -> bool:
        """Whether an image may have more than 8 bits a channel; False where it cannot be read."""
        try:
            return may_be_deep(self._content(index, HEAD))
        except OSError:
            return False

    def opened(self, index: int, max_pixels: int = MAX_PIXELS) -> Image.Image:
        """Return an image of which the head has been read; errors as for :func:`zen_lightning.data.decode.opened`."""
        return opened(io.BytesIO(self._content(index)), max_pixels)

    def _decoded(self, index: int) -> Pixels:
        try:
            content = np.frombuffer(bytearray(self._content(index)), dtype=np.uint8)
            return decode_content(content, "", self._reading)
        except OSError as error:
            raise CorruptImageError(self.name(index), str(error)) from error
        except CorruptImageError as error:
            raise CorruptImageError(self.name(index), error.reason) from error

    def _content(self, index: int, most: int | None = None) -> bytes:
        """Return the bytes of an image, or the first of them."""
        size = int(self.index.size[index]) if most is None else min(most, int(self.index.size[index]))
        try:
            check_bytes(size, self._reading.max_pixels)
        except ValueError as error:
            raise OSError(str(error)) from None
        file = self._file(int(self.index.shard[index]))
        content = os.pread(file.number, size, int(self.index.offset[index]))
        if len(content) < size:
            raise OSError("the shard ends within it")
        return content

    def _file(self, shard: int) -> _OpenFile:
        with _OPENING:
            if shard not in self._files:
                if len(self._files) >= _MOST_OPEN:
                    self._files.pop(next(iter(self._files)))
                self._files[shard] = _OpenFile(self.index.shards[shard])
            return self._files[shard]

    def _next_of_class(self, index: int) -> int:
        others = np.flatnonzero(self.index.label == self.index.label[index])
        return int(others[(np.searchsorted(others, index) + 1) % len(others)])
