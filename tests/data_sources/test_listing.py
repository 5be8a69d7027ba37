"""Folders that cannot be read: their images would be missed, and nothing would say so."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataset_files import write_folder
from zen_lightning.data.found_images import find_images
from zen_lightning.data.image_folder import ImageFolder
from zen_lightning.errors import UserError
from zen_lightning.system.listing import files_below, unreadable

Closed = Callable[[Path], Path]


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Closed:
    """Have a folder refuse to be listed, also to root, for whom permissions do not count."""

    def close(folder: Path) -> Path:
        original = os.scandir

        def scandir(path: Any = ".") -> Any:
            if not isinstance(path, int) and Path(path) == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return original(path)

        monkeypatch.setattr(os, "scandir", scandir)
        return folder

    return close


@pytest.mark.parametrize("inside", ["", "train", "val", "train/{name}", "val/{name}", "train/{name}/more"])
def test_a_folder_of_class_folders(inside: str, root: Path, closed: Closed, cache: Path) -> None:
    (name, *_) = sorted(path.name for path in (root / "train").iterdir())
    write_folder(root / "train" / name, each=2)  # Folders of images below those of classes.
    (root / "train" / name / "more").mkdir()
    folder = closed(root / inside.format(name=name))
    with pytest.raises(UserError, match="cannot be read") as error:
        ImageFolder(str(root)).prepare()
    assert str(folder) in str(error.value)


def test_images_that_are_named_by_their_folder(root: Path, closed: Closed) -> None:
    (root / "lost+found").mkdir()
    closed(root / "lost+found")
    every = find_images(root).paths
    folder = closed(root / "val")
    found = find_images(root)
    assert found.paths == [path for path in every if not path.is_relative_to(folder)]
    assert found.missing == [(str(folder), "the folder cannot be read (Permission denied)")]


def test_a_folder_of_shards(tmp_path: Path, closed: Closed) -> None:
    folder = tmp_path / "shards" / "more"
    folder.mkdir(parents=True)
    shards = [tmp_path / "shards" / "b-0.tar", folder / "a-0.tar"]
    for path in shards:
        path.touch()
    trash = tmp_path / "shards" / "lost+found"
    trash.mkdir()
    (trash / "old-0.tar").touch()
    assert files_below(tmp_path / "shards", ".tar") == shards
    closed(trash)
    assert files_below(tmp_path / "shards", ".tar") == shards
    closed(folder)
    with pytest.raises(UserError, match=r"more cannot be read \(Permission denied\): make it readable"):
        files_below(tmp_path / "shards", ".tar", "root")


def test_a_folder_of_somebody_else_is_not_told_to_be_made_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    told = str(unreadable(tmp_path, PermissionError(13, "Permission denied")))
    assert told.endswith(f"belongs to {tmp_path.owner()}: ask for the right to read it, or for a copy")
