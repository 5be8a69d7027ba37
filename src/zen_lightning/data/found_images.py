"""Image files as a user names them: files, folders, patterns, lists of these, and text files that list them."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path
from typing import NamedTuple

from zen_lightning.data.folder_index import EXTENSIONS
from zen_lightning.errors import UserError, shortened
from zen_lightning.system.named_path import home_path
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.walked import Walk, walk_of

_LIST = ".txt"
_NO_IMAGES = {
    **dict.fromkeys(
        (".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".parquet"), "a list of images is a .txt file, one a line"
    ),
    **dict.fromkeys((".zip", ".tar", ".gz", ".tgz", ".7z", ".rar"), "an archive: unpack it, and name its folder"),
    **dict.fromkeys((".mp4", ".avi", ".mov", ".mkv", ".webm"), "a video: write its frames as images first"),
}
"""What to do about files of other kinds, by their endings."""

_LARGEST_LIST = 2**27
"""Bytes of a list of images. A choice: a million paths have 100 MB."""

_MOST_MISSING = 10_000
"""Names of nothing after which nothing more is looked for, where none was found. A choice: a second of looking."""

_LONGEST = 4096
"""Characters of a pattern: what Linux takes as a path."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/{1,2}(?!/)\S")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_MOST_PATTERNS = 256
"""Patterns that braces may stand for, and those of a list that may take any time. A choice: beyond what anyone types."""

_MOST_LISTED = 2**24
"""Names that further patterns of a list may have looked at, in all: one for each class of a large dataset looks at each of its
images once, one of somebody else may look through the whole disk with every line. A choice: half a minute."""


@dataclass
class _Looked:
    """What looking for patterns took, and what it could not look at.

    Attributes:
        patterns: that were looked for, those that braces stand for one by one.
        listed: names of files and folders that were looked at.
        unread: folders that cannot be read, with the reason.
    """

    patterns: int = 0
    listed: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)


class FoundImages(NamedTuple):
    """The files that were named.

    Attributes:
        paths: in the order in which they were named, those of folders and patterns sorted; each once.
        missing: what was named and is not there, and folders that cannot be read, with the reason.
    """

    paths: list[Path]
    missing: list[tuple[str, str]]


def find_images(wanted: str | Path | Sequence[str | Path], key: str = "images") -> FoundImages:
    """Return the image files that are named.

    Args:
        wanted: a file; a folder, whose images are looked for at every depth, hidden ones left out; a pattern
            (``photos/*.jpg``, ``photos/**/*.{png,jpg}``); a ``.txt`` file with one of these in each line; or several of these.
            Whatever exists under the very name is meant by it, whatever signs it holds.
        key: names the parameter, for the error.

    Raises:
        UserError: nothing that was named is there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("b.png", "a.jpg", "notes.md"):
        ...         Path(folder, name).touch()
        ...     [path.name for path in find_images(folder).paths]
        ['a.jpg', 'b.png']
    """
    named = [wanted] if isinstance(wanted, str | Path) else list(wanted)
    found: dict[Path, None] = {}
    missing: list[tuple[str, str]] = []
    looked = _Looked()
    for one in _lines(named, key):
        if looked.patterns > _MOST_PATTERNS and looked.listed > _MOST_LISTED:
            what = f"a list of patterns that look at more than {_MOST_LISTED:,} files, such as {shortened(str(one))}"
            raise UserError(what, key=key, expected="the names of files and folders, and few patterns")
        looked.unread = []
        try:
            paths, reason = _found(str(one), looked)
        except OSError as error:  # Its name is too long, or a folder above it may not be read.
            paths, reason = [], str(error.strerror)
        found.update(dict.fromkeys(paths))
        missing += looked.unread or ([(str(one), reason)] if reason else [])
        if not found and len(missing) == _MOST_MISSING:
            break  # It is no list of images.
    if not found:
        told = "; ".join(f"{shortened(name)}: {reason}" for name, reason in missing[:5]) or "nothing is named"
        expected = "image files, folders of them, patterns such as 'photos/*.jpg', or a list of these"
        raise UserError(f"there is no image ({told})", key=key, expected=expected)
    return FoundImages(list(found), missing)


def _lines(named: Iterable[str | Path], key: str) -> Iterator[str | Path]:
    for one in named:
        path = home_path(str(one))
        if path.suffix.lower() == _LIST and path.is_file():
            # Paths in a list are seen from the folder of the list, as in every such file.
            holds_file(path, _LARGEST_LIST, key=key, remedy="give a list with one image in each line")
            with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
                for line in filter(None, map(str.strip, file)):
                    yield path.parent / home_path(line)
        else:
            yield one


def _found(name: str, looked: _Looked) -> tuple[list[Path], str]:
    """Return the files of one name, and why there is none."""
    path = home_path(name.removeprefix("file://"))
    if path.is_dir():
        walk = Walk(path)
        inside = sorted(_images_below(path, walk))
        walk.tell()
        looked.unread += walk.unread
        return inside, "" if inside else f"no image in the folder ({', '.join(EXTENSIONS)})"
    if path.exists():
        other = _NO_IMAGES.get(path.suffix.lower())
        return ([], other) if other else ([path], "")
    if _URL.search(name):
        return [], "nothing is downloaded: save it as a file first"
    if _is_pattern(name):
        files = sorted({file for pattern in _expanded(str(path)) for file in _fitting(pattern, looked)})
        return files, "" if files else "no file fits the pattern"
    return [], "there is no such file"


def _is_pattern(name: str) -> bool:
    is_one = len(name) <= _LONGEST and (has_magic(name) or _BRACES.search(name) is not None)
    return is_one and not os.path.lexists(name)


def _expanded(pattern: str) -> list[str]:
    """Return the patterns that braces stand for, as in a shell."""
    patterns = [pattern]
    while len(patterns) < _MOST_PATTERNS and (match := _BRACES.search(patterns[0])) is not None:
        first = patterns.pop(0)  # Those that are done come last.
        patterns += [first[: match.start()] + part + first[match.end() :] for part in match[1].split(",")]
    return patterns


def _images_below(folder: str | Path, walk: Walk) -> Iterator[Path]:
    for place, names in walk.folders(folder):
        for name in names:
            if name.lower().endswith(EXTENSIONS) and not name.startswith("."):
                walk.note(os.path.join(place, name))
                yield Path(place, name)


def _fitting(pattern: str, looked: _Looked) -> Iterator[Path]:
    """Yield the files that fit a pattern, and the images below the folders that do."""
    walk, place, parts = walk_of(pattern)
    of_all = parts[-1:] == ("**",)  # The images below a folder are found anyway.
    for hit in walk.fitting(place, parts[:-1] if of_all else parts):
        if os.path.isdir(hit):
            yield from _images_below(hit, walk)
        elif os.path.exists(hit):
            walk.note(hit)
            yield Path(hit)
    walk.tell()
    looked.patterns += 1
    looked.listed += walk.listed
    looked.unread += walk.unread
