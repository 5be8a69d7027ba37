"""Class folders that may be a mistake: names that are nearly alike, folders in folders, links to nothing."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from zen_lightning.data.split_folders import folders
from zen_lightning.data.split_names import split_name
from zen_lightning.errors import UserError
from zen_lightning.system.listing import is_hidden
from zen_lightning.system.numbers import first_names

_NAMED = 3

_LEAST_ALIKE = 2
"""Classes that must have a folder of each split, such as train_cat beside val_cat, before they are refused."""


def refuse_split_names(root: Path, classes: Sequence[str]) -> None:
    """Raise a UserError where every folder is called by a split and a class at once: ``train_cat``, ``test_cat``.

    Args:
        root: the folder of the dataset.
        classes: the folders that would be taken for classes.

    Raises:
        UserError: they are; it says where to move them.
    """
    said = [(name, found) for name in classes if (found := split_name(name)) is not None and found.rest]
    trained = {found.rest: name for name, found in said if found.kind == "train"}
    held_out = {found.rest for _, found in said if found.kind != "train"}
    if len(said) < len(classes) or len(held_out) < _LEAST_ALIKE or not held_out <= trained.keys():
        return
    rest, name = next(iter(trained.items()))
    raise UserError(
        f"the folders {first_names(classes, _NAMED)} of {root} name a split and a class at once",
        key="root",
        remedy=f"move each: {root / 'train' / ' '.join(rest)}/ in place of {root / name}/; or name them in {{classes}} to have "
        "them as classes",
        involves=["classes"],
    )


def odd_classes(folder: Path, classes: Sequence[str]) -> Iterator[str]:
    """Yield what is to be said of class folders that may be a mistake.

    Args:
        folder: the folder of the class folders.
        classes: their names.
    """
    alike: dict[str, list[str]] = {}
    for name in classes:
        alike.setdefault(_bare(name), []).append(name)
    same = [names for names in alike.values() if len(names) > 1 and max(map(len, names)) > 1]  # Characters: A and a.
    if same:
        listed, others = " and ".join(map(repr, same[0][:_NAMED])), sum(map(len, same[1:]))
        more = f" ({others:,} other classes are like this)" if others else ""
        what = f"the classes {listed} of {folder} have almost the same name"
        yield f"{what}: if they are one, move their images together{more}"
    deep = {name: inner for name in classes if (inner := _only_folder(folder / name)) is not None}
    if deep and len(deep) < len(classes):
        name, inner = next(iter(deep.items()))
        more = f" ({len(deep):,} classes are like this)" if len(deep) > 1 else ""
        yield f"the class {name} of {folder} has all its images in {name}/{inner}/: if {inner} is the class, move it up{more}"
    lost = _links_to_nothing(folder)
    if lost:
        what = "links to what does not exist" if len(lost) > 1 else "a link to what does not exist"
        yield f"not used: {first_names(lost, _NAMED)} in {folder}, {what}"


def _bare(name: str) -> str:
    """Return a name without what is easily typed in two ways: case, white space, hyphens, forms of letters.

    What keeps numbers apart stays, as one sign for all, and so does what may be a minus: ``item_1_12`` is not ``item_11_2``,
    ``temp_-10`` not ``temp_10``, and ``her2-`` not ``her2``.
    """
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    if not any(map(str.isalpha, plain)):
        return plain
    plain = re.sub(r"(?<=\d)[\s_-](?=\d)", "/", plain)
    return re.sub(r"[\s_]+|-(?!\d|$)", "", plain)


def _only_folder(folder: Path) -> str | None:
    """Return the only folder within a folder that has no files; None of another."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file() and not is_hidden(entry.name):
                    return None
    except OSError:
        return None
    names = folders(folder)
    return names[0] if len(names) == 1 else None


def _links_to_nothing(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name for entry in entries if entry.is_symlink() and not is_hidden(entry.name) and not Path(entry).exists()
            )
    except OSError:
        return []
