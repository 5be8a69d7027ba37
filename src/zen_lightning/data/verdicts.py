"""What was found out about image files, remembered between runs in the user's cache folder."""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from zen_lightning.data.paths import Paths
from zen_lightning.files import write_text


def cache_folder() -> Path:
    """Return the folder of this project's caches: below ``$XDG_CACHE_HOME``, or ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "zen_lightning" / "datasets"


class Verdicts:
    """Which files of a folder could be read, and what was measured on them.

    A verdict holds as long as size and modification time of the file are as they were. A cache that is damaged counts as empty;
    one that cannot be written costs a message and nothing else.

    Args:
        root: of the dataset; each has a cache of its own.

    Attributes:
        path: of the cache, a JSON file.
    """

    def __init__(self, root: Path) -> None:
        where = str(root.resolve())
        name = f"{root.resolve().name}-{hashlib.sha256(os.fsencode(where)).hexdigest()[:16]}.json"
        self.path = cache_folder() / name
        self._root = where
        content = self._read()
        self._sound: dict[str, str] = content.get("sound", {})
        self._corrupt: dict[str, list[str]] = content.get("corrupt", {})
        self._measured: dict[str, list[list[float]]] = content.get("measured", {})

    def corrupt(self, path: str, stamp: str) -> str | None:
        """Return why a file could not be read, or None: it could, or nobody knows."""
        known = self._corrupt.get(path)
        return known[1] if known is not None and known[0] == stamp else None

    def unknown(self, path: str, stamp: str) -> bool:
        """Whether there is no verdict on a file as it is now."""
        return self._sound.get(path) != stamp and self.corrupt(path, stamp) is None

    def judge(self, path: str, stamp: str, reason: str | None) -> None:
        """Remember whether a file could be read (None), or why not."""
        self._sound.pop(path, None)
        self._corrupt.pop(path, None)
        if reason is None:
            self._sound[path] = stamp
        else:
            self._corrupt[path] = [stamp, reason]

    def measured(self, key: str) -> list[list[float]] | None:
        """Return what was remembered by :meth:`remember`."""
        return self._measured.get(key)

    def remember(self, key: str, values: list[list[float]]) -> None:
        """Remember a measurement; earlier ones are forgotten but for a few."""
        kept = list(self._measured.items())[-9:]
        self._measured = {**dict(kept), key: values}

    def save(self) -> None:
        """Write the cache, atomically."""
        content = {"root": self._root, "measured": self._measured, "corrupt": self._corrupt, "sound": self._sound}
        try:
            write_text(self.path, json.dumps(content))  # In ASCII: names may be of any bytes.
        except OSError as error:
            print(f"what was found out about {self._root} is not kept ({error}): the next start checks again", file=sys.stderr)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        fits = isinstance(content, dict) and content.get("root") == self._root
        return content if fits and all(isinstance(content.get(key), dict) for key in ("sound", "corrupt", "measured")) else {}


def stamps(paths: Paths) -> list[str]:
    """Return size and modification time of each file; empty for one that is gone."""
    return [_stamp(path) for path in paths]


def fingerprint(paths: Paths, marks: list[str]) -> str:
    """Return a digest of names and stamps."""
    digest = hashlib.sha256()
    for index, mark in enumerate(marks):
        digest.update(f"{paths.relative(index)}\0{mark}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _stamp(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"
