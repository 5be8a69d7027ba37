"""Which of several values a file is about that the system refuses."""

import errno
import os
from pathlib import Path

import pytest

from zen_lightning.system.files import atomic_path
from zen_lightning.system.unusable import unusable_path

NAMED = {"arch": "/data/net.txt", "profile": "laptop", "root": "/data/pets", "seed": "1", "limit": "els", "here": "."}


def _said(*paths: str | bytes | None, number: int = errno.EACCES) -> str | None:
    first, second = (*paths, None, None)[:2]
    about = unusable_path(OSError(number, os.strerror(number), first, None, second), NAMED)
    return None if about is None else str(about)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/data/net.txt", "arch=/data/net.txt: Permission denied"),
        ("profiles/laptop.json", "profile=laptop: profiles/laptop.json: Permission denied"),
        ("/data/pets/cat/1.png", "root=/data/pets: /data/pets/cat/1.png: Permission denied"),
        (b"/data/pets/1.png", "root=/data/pets: /data/pets/1.png: Permission denied"),
        ("/data/petshop/1.png", None),
        ("/elsewhere/1", None),
        (".", "here=.: Permission denied"),
        ("1", "seed=1: Permission denied"),
        (None, None),
    ],
)
def test_the_value_is_the_one_that_the_path_is_made_of(path: str | bytes | None, said: str | None) -> None:
    assert _said(path) == said


def test_either_path_of_a_file_that_is_moved() -> None:
    assert _said("/tmp/x", "/data/net.txt") == "arch=/data/net.txt: Permission denied"


def test_a_full_disk_is_about_no_value() -> None:
    assert _said("/data/net.txt", number=errno.ENOSPC) is None


def test_a_name_that_is_too_long_may_be_made_of_several_values() -> None:
    assert (
        _said("outputs/els-laptop-1/x", number=errno.ENAMETOOLONG)
        == "profile=laptop: outputs/els-laptop-1/x: File name too long"
    )
    assert _said("outputs/els-laptop-1/x") is None


def test_the_temporary_file_beside_it(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "net.onnx") as temporary:
        about = unusable_path(PermissionError(errno.EACCES, "denied", str(temporary)), {"path": str(tmp_path / "net.onnx")})
    assert about is not None
    assert str(about).startswith(f"path={tmp_path / 'net.onnx'}: ")
