"""Which folders of a dataset are its training, validation and test images, by the names that people give them."""

import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from zen_lightning.data.split_names import NAMES, SplitName, split_name
from zen_lightning.errors import UserError
from zen_lightning.system.listing import has_gone, is_hidden, unreadable
from zen_lightning.system.numbers import first_names

_ANNOTATED = frozenset(["images", "jpegimages", "img", "imgs"])
_ANNOTATIONS = frozenset(
    [
        "labels",
        "annotations",
        "annots",
        "masks",
        "imagesets",
        "segmentationclass",
        "segmentationobject",
        "xmls",
        "xml",
        "bboxes",
    ]
)
"""Folders of images and of their annotations in datasets for detection and segmentation (YOLO, Roboflow, Pascal VOC), in small
letters."""

_PLAIN = frozenset(name for known in NAMES.values() for name in known)

_DEEPEST = 5
"""Folders in one another that are looked through for the dataset. A choice: more than archives have."""

_MOST_ALIKE = 10
"""Folders at most that are looked at for folders of the same names. A choice: splits are few."""

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
    """Return the folders below ``root`` that are called like a split; the plainest name where there are several.

    A plain name is one of :data:`~zen_lightning.data.split_names.NAMES`, in any case; without one, other spellings count
    (``train2017``, ``training_set``, ``mnist_train`` beside ``mnist_test``). Images of a test that are in no class folder of
    the training images have no labels, and are not counted where they alone could validate.

    Raises:
        UserError: two that are called alike.
    """
    names = folders(root)
    called = {name: said for name in names if (said := split_name(name)) is not None}
    rest = _rest(root, called)
    chosen: dict[str, Path | None] = {}
    for kind, known in NAMES.items():
        plain = sorted((known.index(name.lower()), name) for name in names if name.lower() in known)
        first = (plain or [(len(known), name) for name, said in called.items() if said == (kind, rest)])[:2]
        if len(first) == 2 and first[0][0] == first[1][0] and (kind != "test" or chosen["val"] is None):
            raise UserError(f"{root} has {first[0][1]}/ and {first[1][1]}/", key="root", remedy="keep or rename one of them")
        chosen[kind] = root / first[0][1] if first else None
    found = Splits(**chosen)
    if found.val is None and found.test is not None and found.train is not None:
        trained = folders(found.train)
        if trained and not set(trained) & set(folders(found.test)) and _is_unlabelled(found.test):
            return found._replace(test=None)
    return found


def _rest(root: Path, called: dict[str, SplitName]) -> tuple[str, ...]:
    """Return the words that the names of the splits share beside what they are."""
    if any(name.lower() in NAMES["train"] for name in called):
        return ()
    trains = {found.rest: name for name, found in called.items() if found.kind == "train" and folders(root / name)}
    held_out = {found.rest for found in called.values() if found.kind != "train"}
    possible = {rest: name for rest, name in trains.items() if not rest or rest in held_out}
    if len(possible) > 1 and () not in possible:
        named = first_names([f"{name}/" for name in possible.values()], 3)
        remedy = "move the folders of one into a folder of their own"
        raise UserError(f"{root} holds several datasets ({named})", key="root", remedy=remedy)
    return next(iter(possible)) if len(possible) == 1 else ()


def _is_unlabelled(folder: Path) -> bool:
    """Whether the images of a folder lie in no class folders: beside none, or all in one."""
    names = folders(folder)
    return len(names) <= 1 and not any(folders(folder / name) for name in names)


def folders(folder: Path) -> list[str]:
    """Return the names of the folders in a folder, sorted, hidden ones left out; none where it is not there.

    Raises:
        UserError: it cannot be read: it would count as one without class folders.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not is_hidden(entry.name))
    except OSError as error:
        if has_gone(error):
            return []
        raise unreadable(folder, error, "root") from None


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
    refuse_annotated(root)
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
    if shared and all(_kind(name) for name in shared) and all(set(folders(root / name)) <= set(shared) for name in names):
        what = f"the class folders {first_names(names, 3)} of {root} hold the splits ({first_names(shared, 3)})"
        remedy = f"turn them around: {root / shared[0] / names[0]}/ in place of {root / names[0] / shared[0]}/"
        raise UserError(what, key="root", remedy=remedy)
    if len(shared) > 1 and all(folders(root / name) == shared for name in names[1:]):
        raise UserError(
            f"the folders {first_names(names, 3)} of {root} hold the same folders "
            f"({first_names(shared, 3)}), as splits do and classes do not",
            key="root",
            remedy=f"name them {_listed('train')} and {_listed('val')}, with a folder for each class in both; or name them in "
            "{classes} to have them as classes",
            involves=["classes"],
        )


def refuse_annotated(folder: Path) -> None:
    """Raise a UserError where a folder holds images beside their annotations, and no classes.

    Args:
        folder: one that class folders are looked for in.

    Raises:
        UserError: it looks like a dataset for detection or segmentation, or its class folders lie in its folder of images.
    """
    names = {name.lower(): name for name in folders(folder)}
    images, notes = sorted(_ANNOTATED & names.keys()), sorted(_ANNOTATIONS & names.keys())
    if not images or not notes or len(names) > len(images) + len(notes) + _FEW:
        return
    inside = folder / names[images[0]]
    what = f"{folder} has {names[images[0]]}/ beside {names[notes[0]]}/"
    if len(below := folders(inside)) > 1 and not all(_kind(name) for name in below):
        raise UserError(f"{what}, and no class folders", key="root", remedy=f"did you mean {{root}}={inside}?")
    raise UserError(
        f"{what}, as datasets for detection and segmentation do",
        key="root",
        expected="a folder for each class, with its images",
        remedy="sort the images into class folders, or export the dataset for classification",
    )


def refuse_deep_classes(split: Path) -> None:
    """Raise a UserError where a split has one folder alone, and that has the class folders.

    Args:
        split: the folder of training or validation images.

    Raises:
        UserError: the class folders lie one level further down.
    """
    refuse_annotated(split)
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
    if splits.two and any(
        folder is not None and folder.name.lower() not in _PLAIN for folder in (splits.train, splits.held_out)
    ):
        validated = f"those of {splits.held_out}" if splits.held_out else "a share of them"
        lines.append(f"by the names of the folders: training on the images of {splits.train}, validating on {validated}")
    if splits.two and splits.val is None and splits.test is not None:
        lines.append(f"validating on {splits.test}, so that the test images choose the epoch: there is no folder val/")
    used = {folder.name for folder in (splits.train, splits.held_out) if folder is not None}
    left = [name for name in folders(root) if name not in used]
    if splits.two and splits.held_out is None and (tests := [name for name in left if _kind(name) == "test"]):
        lines.append(
            f"{root / tests[0]} has no class folders of the training images, so it is not used; a share of those validates"
        )
        left.remove(tests[0])
    if splits.two and left:
        lines.append(f"not used: the folder{'s' * (len(left) > 1)} {first_names(left, 5)} of {root}")
    if not splits.two:
        lines += _alike(root, left)
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


def _alike(root: Path, names: list[str]) -> list[str]:
    """Return the line about folders that are taken for classes and hold folders of the same names, as splits do."""
    inside = {name: set(folders(root / name)) for name in names} if len(names) <= _MOST_ALIKE else {}
    counts = Counter(name for below in inside.values() for name in below)
    shared = sorted(name for name, count in counts.items() if count > 1)
    if not shared or any(not below for below in inside.values()):
        return []
    what = (
        f"{first_names(names, 3)} of {root} are taken for classes, though {first_names(shared, 3)} is in more than one of them"
    )
    return [f"{what}: if they are splits, name them train/ and val/"]


def _kind(name: str) -> str:
    found = split_name(name)
    return found.kind if found is not None and not found.rest else ""


def _listed(split: str) -> str:
    return ", ".join(f"{name}/" for name in NAMES[split][:2])
