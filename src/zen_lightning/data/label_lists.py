"""Files beside images that may say the class of each: images are sorted by their folders alone."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.system.listing import is_hidden
from zen_lightning.system.numbers import first_names

_NAMED = 3
_LISTS = (".csv", ".tsv", ".json", ".jsonl", ".xlsx", ".parquet", ".txt", ".mat")
_OF_LABELS = re.compile(r"label|class|categor|annot|target|train|meta|ground|truth|list|data", re.IGNORECASE)
"""In the names of files that list which image is of which class."""


def label_lists(folder: Path) -> list[str]:
    """Return the files in a folder that look like lists of labels, sorted; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            files = [entry.name for entry in entries if entry.name.lower().endswith(_LISTS) and not is_hidden(entry.name)]
    except OSError:
        return []
    return sorted(name for name in files if _OF_LABELS.search(name))


def sorted_by(lists: Sequence[str]) -> str:
    """Return what to do where images lie beside lists of labels.

    Example:
        >>> sorted_by(["labels.csv"])
        'move the images into folders, one for each class; labels.csv may say the class of each'
    """
    return f"move the images into folders, one for each class; {first_names(lists, _NAMED)} may say the class of each"


def refuse_unsorted(folder: Path, classes: Sequence[str]) -> None:
    """Raise a UserError where all images lie in one folder, in which or beside which is a list of labels.

    Args:
        folder: the folder of the class folders.
        classes: their names.

    Raises:
        UserError: they do; it says where to move them.
    """
    if len(classes) == 1 and (lists := label_lists(folder) or label_lists(folder / classes[0])):
        raise UserError(f"{folder} has one class folder alone, {classes[0]}", key="root", remedy=sorted_by(lists))
