"""What is in folders of class folders."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.data.paths import Paths
from zen_lightning.errors import UserError, nearest

EXTENSIONS = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
_THREADS = 8  # Folders of a network drive are listed side by side.


class Index(NamedTuple):
    """The images of a folder.

    Attributes:
        paths: class after class, in each by name.
        labels: the position of each one's class.
    """

    paths: Paths
    labels: NDArray[np.int64]


def class_folders(folder: Path) -> tuple[str, ...]:
    """Return the names of the class folders, sorted; hidden ones do not count.

    Raises:
        UserError: there is no such folder, or there are none in it.
    """
    try:
        found = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise UserError(
            f"dataset.root: {folder} cannot be read ({error.strerror}); expected a folder of class folders"
        ) from None
    if not found:
        raise UserError(f"{folder} has no class folders: expected a folder for each class, with its images")
    return tuple(found)


def chosen_classes(wanted: Sequence[str], found: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return the classes that a user asks for, after checking that they are there.

    Raises:
        UserError: no class, a class twice, or one without a folder.
    """
    classes = tuple(str(name) for name in wanted)
    if not classes:
        raise UserError("dataset.classes=[]: expected at least one class, or null for all")
    for name in classes:
        if classes.count(name) > 1:
            raise UserError(f"dataset.classes has {name!r} twice")
        if name not in found:
            raise UserError(f"dataset.classes has {name!r}, and {folder} no such folder{nearest(name, list(found))}")
    return classes


def index_folder(folder: Path, classes: Sequence[str]) -> Index:
    """Return the images of the class folders, those of their sub-folders included; hidden files do not count.

    Raises:
        UserError: a class folder without images.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        files = list(pool.map(lambda name: _files(folder, name), classes))
    for name, found in zip(classes, files, strict=True):
        if not found:
            raise UserError(
                f"the class folder {folder / name} has no images: add some ({' '.join(EXTENSIONS)}), remove it, or leave the "
                "class out by dataset.classes"
            )
    labels = np.repeat(np.arange(len(classes), dtype=np.int64), [len(found) for found in files])
    return Index(Paths((path for found in files for path in found), str(folder)), labels)


def _files(folder: Path, name: str) -> list[str]:
    """Return paths relative to ``folder``, sorted."""
    found: list[str] = []
    seen: set[str] = set()
    for parent, folders, files in os.walk(folder / name, followlinks=True):
        real = os.path.realpath(parent)
        folders[:] = [] if real in seen else [entry for entry in folders if not entry.startswith(".")]
        if real not in seen:
            inside = os.path.relpath(parent, folder)
            found += [f"{inside}/{file}" for file in files if file.lower().endswith(EXTENSIONS) and not file.startswith(".")]
        seen.add(real)
    return sorted(found)
