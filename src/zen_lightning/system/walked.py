"""A walk through the folders of somebody, whose links may lead back, to each other, and out."""

import os
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path

from zen_lightning.system.listing import has_gone, is_hidden
from zen_lightning.system.processes import is_main_process

_ANY_DEPTH = "**"


class Walk:
    """Walks through folders, each once, and once more by the first link to it, and knows which links led out.

    A link to a folder is followed, but not where it lies in that folder itself, and not where another one has led there: the
    same files would be found again and again, without end where links lead to each other.

    Args:
        root: where the walk begins.

    Attributes:
        unread: folders that could not be listed, and why: what is in them was not found.
        listed: how many names of files and folders were looked at.
        left_out: links to folders that were not followed.
    """

    def __init__(self, root: str | Path) -> None:
        self._name = str(root)
        self._root = os.path.realpath(root)
        self._followed: set[tuple[str, int]] = set()
        self._elsewhere: list[tuple[str, str]] = []
        self.unread: list[tuple[str, str]] = []
        self.listed = 0
        self.left_out: list[str] = []

    def folders(self, place: str | Path, state: int = 0) -> Iterator[tuple[str, list[str]]]:
        """Yield a folder and all below it, hidden ones left out, each with the names of its files.

        Args:
            place: the folder.
            state: tells walks apart that may each follow the same link.
        """
        for folder, inner, names in os.walk(place, onerror=self._keep, followlinks=True):
            self.listed += len(inner) + len(names)
            followed = (os.path.join(folder, name) for name in sorted(inner) if not is_hidden(name))
            inner[:] = [os.path.basename(path) for path in followed if self._is_followed(path, state)]
            yield folder, names

    def fitting(self, place: str, parts: Sequence[str]) -> Iterator[str]:
        """Yield what fits a pattern, as ``glob`` does: ``*``, ``?``, ``[...]``, and ``**`` for folders at any depth.

        Args:
            place: the folder that the pattern is meant in.
            parts: of the pattern, from there.
        """
        if not parts:
            yield place
            return
        first, rest = parts[0], parts[1:]
        if first == _ANY_DEPTH:
            while rest and rest[0] == _ANY_DEPTH:
                rest = rest[1:]
            for folder, names in self.folders(place, len(rest)):
                yield from self.fitting(folder, rest)
                if not rest:
                    yield from (os.path.join(folder, name) for name in sorted(names) if name[0] != ".")
        elif has_magic(first):
            for name in self._names(place, first):
                path = os.path.join(place, name)
                is_folder = os.path.isdir(path)
                if not (rest and not is_folder) and (not is_folder or self._is_followed(path, -1 - len(rest))):
                    yield from self.fitting(path, rest)
        elif os.path.lexists(path := os.path.join(place, first)):
            yield from self.fitting(path, rest)

    def note(self, file: str) -> None:
        """Note a file that is read: it may be a link out of the root."""
        target = _target(file) if os.path.islink(file) else None
        if target is not None and not _is_below(target, self._root):
            self._elsewhere.append((file, target))

    def tell(self) -> None:
        """Print which links led out of the root, where any did: what is there may be somebody else's."""
        if not self._elsewhere or not is_main_process():
            return
        link, target = min((str(Path(link)), target) for link, target in self._elsewhere)
        if len(self._elsewhere) == 1:
            what = "it is" if os.path.isfile(target) else "the images there are"
            said = f"{link} is a link to {target}: {what} read, too"
        else:
            links = f"{len(self._elsewhere):,} folders and files in {self._name} are links to others"
            said = f"{links} ({link} to {target}, ...): the images there are read, too"
        print(said, file=sys.stderr, flush=True)

    def _names(self, place: str, pattern: str) -> list[str]:
        try:
            names = os.listdir(place)
        except OSError as error:
            self._keep(error)
            return []
        self.listed += len(names)
        return sorted(name for name in names if fnmatchcase(name, pattern) and (pattern[0] == "." or name[0] != "."))

    def _keep(self, error: OSError) -> None:
        if not has_gone(error):
            self.unread.append((os.fsdecode(error.filename), f"the folder cannot be read ({error.strerror or error})"))

    def _is_followed(self, folder: str, state: int) -> bool:
        if not os.path.islink(folder):
            return True
        target, lies_in = _target(folder), _target(os.path.dirname(folder))
        if (
            target is None
            or lies_in is None
            or (target, state) in self._followed
            or _is_below(self._root, target)
            or _is_below(lies_in, target)
        ):
            self.left_out.append(folder)
            return False
        if not _is_below(target, self._root) and not any(target == known for known, _ in self._followed):
            self._elsewhere.append((folder, target))
        self._followed.add((target, state))
        return True


def walk_of(pattern: str) -> tuple[Walk, str, tuple[str, ...]]:
    """Return a walk for a pattern, the folder that it begins in, and the parts of the pattern from there."""
    parts = Path(pattern).parts
    fixed = next((number for number, part in enumerate(parts) if has_magic(part)), len(parts))
    place = os.path.join("", *parts[:fixed]) or "."
    return Walk(place), place, parts[fixed:]


def _target(path: str) -> str | None:
    """Return where a path leads; None where that cannot be said, as of a process in ``/proc`` that has ended."""
    try:
        return os.path.realpath(path)
    except OSError:
        return None


def _is_below(path: str, folder: str) -> bool:
    return f"{path.rstrip(os.sep)}{os.sep}".startswith(f"{folder.rstrip(os.sep)}{os.sep}")
