"""Which folders of a dataset are its training, validation and test images, by the names that people give them."""

import os
from pathlib import Path
from typing import NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.numbers import first_names

NAMES = {
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "validate", "dev", "development"),
    "test": ("test", "testing", "tst"),
}
"""Names of each kind of folder, in small letters; those of archives of Kaggle, GitHub and Roboflow among them."""

_OF_ARCHIVES = "__MACOSX"
"""A folder that macOS puts into archives: it holds no images, whatever the names of its files say."""

_DEEPEST = 5
"""Folders in one another that are looked through for the dataset. A choice: more than archives have."""

_FEW = 3
"""Folders at most in which a dataset is looked for one level further down. A choice: archives unpack to one, or a few."""


class Splits(NamedTuple):
    """The folders of a dataset; None for what it does not have.

    Attributes:
        train: of training images.
        val: of validation images.
        test: of test images.
    """

    train: Path | None
    val: Path | None
    test: Path | None

    @property
    def two(self) -> bool:
        """Whether there is a folder to train on, and it is none of images of a class that is called so."""
        return self.train is not None and (self.held_out is not None or bool(folders(self.train)))

    @property
    def held_out(self) -> Path | None:
        """What a training validates on: the validation images, else those of the test."""
        return self.val or self.test


def found_splits(root: Path) -> Splits:
    """Return the folders below ``root`` that are called like a split, in any case; the plainest name where there are several.

    Raises:
        UserError: two that are called alike but for the case.
    """
    names = folders(root)
    found: dict[str, Path | None] = {}
    for split, known in NAMES.items():
        called = [(known.index(name.lower()), name) for name in names if name.lower() in known]
        first = sorted(called)[:2]
        if len(first) == 2 and first[0][0] == first[1][0]:
            raise UserError(f"{root} has {first[0][1]}/ and {first[1][1]}/", key="root", remedy="keep or rename one of them")
        found[split] = root / first[0][1] if first else None
    return Splits(**found)


def folders(folder: Path) -> list[str]:
    """Return the names of the folders in a folder, sorted, hidden ones left out; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not is_hidden(entry.name))
    except OSError:
        return []


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is one that people do not see, or do not know of."""
    return name.startswith(".") or name == _OF_ARCHIVES


def refuse_hidden_splits(root: Path, splits: Splits) -> None:
    """Raise a UserError where what would be taken for classes is something else.

    Args:
        root: a folder without a folder to train on.
        splits: what was found in it.

    Raises:
        UserError: the dataset lies one level further down, or has only folders to validate on, or its classes look like splits.
    """
    names = folders(root)
    if not names:
        return
    inner = [_innermost(root / name) for name in names] if len(names) <= _FEW else []
    below = [folder for folder in inner if found_splits(folder).two and found_splits(folder).held_out is not None]
    below = below or [folder for folder in inner if len(inner) == 1 and len(folders(folder)) > 1]
    if len(below) == 1:
        what = f"{root} holds the folder of the dataset, {below[0].relative_to(root)}/, and no class folders"
        raise UserError(what, key="root", remedy=f"did you mean {{root}}={below[0]}?")
    _refuse_beside_classes(root, splits, names)
    only = [folder for folder in (splits.val, splits.test) if folder is not None]
    if only and len(only) == len(names):
        listed = " and ".join(f"{folder.name}/" for folder in only)
        raise UserError(f"{root} has {listed} and no folder to train on", key="root", expected=f"one of {_listed('train')}")
    shared = folders(root / names[0]) if len(names) > 1 else []
    if len(shared) > 1 and all(folders(root / name) == shared for name in names[1:]):
        raise UserError(
            f"the folders {first_names(names, 3)} of {root} hold the same folders "
            f"({first_names(shared, 3)}), as splits do and classes do not",
            key="root",
            remedy=f"name them {_listed('train')} and {_listed('val')}, with a folder for each class in both; or name them in "
            "{classes} to have them as classes",
            involves=["classes"],
        )


def refuse_deep_classes(split: Path) -> None:
    """Raise a UserError where a split has one folder alone, and that has the class folders.

    Args:
        split: the folder of training or validation images.

    Raises:
        UserError: the class folders lie one level further down.
    """
    names = folders(split)
    inside = folders(_innermost(split / names[0])) if len(names) == 1 else []
    if len(inside) > 1:
        deep = _innermost(split / names[0])
        named = first_names(inside, 3)
        what = f"{split} has one folder, {names[0]}/, and {deep} the class folders ({named})"
        raise UserError(what, key="root", remedy=f"move them up, into {split}/")


def unused(root: Path, splits: Splits) -> list[str]:
    """Return what is to be said of folders whose part is not the usual one.

    Args:
        root: the folder of the dataset.
        splits: what was found in it.
    """
    lines = []
    if splits.two and splits.val is None and splits.test is not None:
        lines.append(f"validating on {splits.test}, so that the test images choose the epoch: there is no folder val/")
    used = {folder.name for folder in (splits.train, splits.held_out) if folder is not None}
    left = [name for name in folders(root) if name not in used]
    if splits.two and left:
        lines.append(f"not used: the folders {first_names(left, 5)} of {root}")
    if not splits.two:
        odd = [folder for folder in splits if folder is not None and folder.is_dir()]
        lines += [f"{folder} is taken for a class: there is no folder train/ with class folders" for folder in odd]
    return lines


def _refuse_beside_classes(root: Path, splits: Splits, names: list[str]) -> None:
    """Raise a UserError where images to validate on have class folders, and those to train on lie beside them."""
    for folder in (splits.val, splits.test):
        beside = set(names) - {one.name for one in splits if one is not None}
        shared = sorted(beside & set(folders(folder))) if folder is not None else []
        if folder is not None and len(shared) > 1:
            named = first_names(shared, 3)
            what = f"{root} has the class folders {named}, and {folder.name}/ has them too"
            raise UserError(what, key="root", remedy=f"move those of {root} into {root / 'train'}/")


def _innermost(folder: Path) -> Path:
    """Return the first folder, from this one inwards, that has another number of folders than one."""
    for _ in range(_DEEPEST):
        names = folders(folder)
        if len(names) != 1:
            break
        folder = folder / names[0]
    return folder


def _listed(split: str) -> str:
    return ", ".join(f"{name}/" for name in NAMES[split][:2])
