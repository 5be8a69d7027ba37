"""Where the images of class folders lie: the classes, the folder to train on, and the one to validate on."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zen_lightning.data.folder_index import chosen_classes, class_folders
from zen_lightning.data.label_lists import refuse_unsorted
from zen_lightning.data.odd_classes import refuse_split_names
from zen_lightning.data.split_folders import Splits, folders, found_splits, refuse_deep_classes, refuse_hidden_splits
from zen_lightning.errors import UserError
from zen_lightning.system.numbers import first_names

NAMED = 5
"""Classes that a message names. A choice."""


class FolderLayout(NamedTuple):
    """The classes of class folders, and where their images lie.

    Attributes:
        classes: names, in the order of the labels.
        train: the folder of class folders to train on.
        val: that to validate on; None where it is the same.
    """

    classes: tuple[str, ...]
    train: Path
    val: Path | None


def splits_below(root: Path, wanted: Sequence[str] | None) -> Splits:
    """Return the folders that are called like splits; none where they are meant as classes.

    Args:
        root: the folder of the dataset.
        wanted: the class folders that are asked for; None: all.
    """
    found = found_splits(root)
    classes = wanted is not None and {str(name) for name in wanted} <= set(folders(root))
    return Splits(None, None, None) if classes else found


def folder_layout(root: Path, splits: Splits, wanted: Sequence[str] | None) -> FolderLayout:
    """Return the classes and where their images lie.

    Args:
        root: the folder of the dataset.
        splits: its folders that are called like splits.
        wanted: the class folders to use, in the order of the labels; None: all, sorted.

    Raises:
        UserError: there are no such classes, images are not sorted into class folders, splits are hidden in other folders, or
            there are classes to validate on that there are no images to train on.
    """
    train, val = splits.train, splits.held_out
    if not splits.two or train is None:
        train = root
        if wanted is None:
            refuse_hidden_splits(root, splits)
            refuse_split_names(root, folders(root))
    elif wanted is None:
        refuse_deep_classes(train)
    found = class_folders(train)
    if wanted is None:
        refuse_unsorted(train, found)
    classes = found if wanted is None else chosen_classes(wanted, found, train)
    if not splits.two or val is None:
        return FolderLayout(classes, train, None)
    held = class_folders(val)
    if wanted is None:
        _check_known(held, found, train, val)
    elif not {*classes} & {*held}:
        chosen_classes(wanted, held, val)  # Raises.
    return FolderLayout(classes, train, val)


def _check_known(held: tuple[str, ...], trained: tuple[str, ...], train_folder: Path, val_folder: Path) -> None:
    """Raise a UserError where there are classes to validate on that there are no images to train on."""
    left_over, missing = sorted({*held} - {*trained}), sorted({*trained} - {*held})
    if not left_over:
        return
    parts = [
        f"only in {folder}: {first_names(names, NAMED)}"
        for folder, names in ((train_folder, missing), (val_folder, left_over))
        if names
    ]
    raise UserError(
        f"{train_folder} and {val_folder} have different classes ({'; '.join(parts)})",
        remedy="rename folders, or choose some by {classes}",
        involves=["classes"],
    )
