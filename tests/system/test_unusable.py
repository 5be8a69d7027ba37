"""Which of several values a file is about that the system refuses."""

import errno
import os
from pathlib import Path

import pytest

from zen_lightning.system.unusable import unusable_path

NAMED = {"arch": "/data/net.txt", "profile": "laptop", "root": "/data/pets", "seed": "1", "limit": "els", "here": "."}


def _said(*paths: str | bytes | None, number: int = errno.EISDIR) -> str | None:
    first, second = (*paths, None, None)[:2]
    about = unusable_path(OSError(number, os.strerror(number), first, None, second), NAMED)
    return None if about is None else str(about)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/data/net.txt", "arch=/data/net.txt: Is a directory"),
        ("profiles/laptop.json", "profile=laptop: profiles/laptop.json: Is a directory"),
        ("/data/pets/cat/1.png", "root=/data/pets: /data/pets/cat/1.png: Is a directory"),
        (b"/data/pets/1.png", "root=/data/pets: /data/pets/1.png: Is a directory"),
        ("/data/petshop/1.png", None),
        ("/elsewhere/1", None),
        (".", "here=.: Is a directory"),
        ("1", "seed=1: Is a directory"),
        (None, None),
    ],
)
def test_the_value_is_the_one_that_the_path_is_made_of(path: str | bytes | None, said: str | None) -> None:
    assert _said(path) == said


def test_either_path_of_a_file_that_is_moved() -> None:
    assert _said("/tmp/x", "/data/net.txt") == "arch=/data/net.txt: Is a directory"


def test_a_full_disk_is_about_no_value() -> None:
    assert _said("/data/net.txt", number=errno.ENOSPC) is None


def test_a_name_that_is_too_long_may_be_made_of_several_values() -> None:
    assert (
        _said("outputs/els-laptop-1/x", number=errno.ENAMETOOLONG)
        == "profile=laptop: outputs/els-laptop-1/x: File name too long"
    )
    assert _said("outputs/els-laptop-1/x") is None


def test_a_link_that_leads_nowhere_is_no_file_that_exists(tmp_path: Path) -> None:
    link = tmp_path / "scratch"
    link.symlink_to(tmp_path / "unmounted")
    with pytest.raises(FileExistsError) as refused:
        link.mkdir(exist_ok=True)
    assert str(unusable_path(refused.value, {"output_dir": str(link)})) == f"output_dir={link}: a link to what is not there"


def test_a_folder_above_that_cannot_be_made_is_of_the_value(tmp_path: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "new"))
    about = unusable_path(error, {"output_dir": str(tmp_path / "new" / "run"), "arch": str(tmp_path / "newer")})
    assert str(about) == f"output_dir={tmp_path}/new/run: {tmp_path}/new: Permission denied"
    there = PermissionError(errno.EACCES, "Permission denied", str(tmp_path))
    assert unusable_path(there, {"output_dir": str(tmp_path / "new" / "run")}) is None
