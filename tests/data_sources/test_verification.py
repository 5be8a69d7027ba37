"""Images that are read once to find those that cannot be."""

import errno
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dataset_files import paths_of, truncate, write_image
from zen_lightning.data import ImageFolder, verification
from zen_lightning.data.decode import Reading
from zen_lightning.data.index_file import cache_folder
from zen_lightning.errors import UserError

Reads = list[str]

pytestmark = pytest.mark.usefixtures("cache")


def test_a_corrupt_image_is_fatal(root: Path) -> None:
    for name in ("001", "003"):
        truncate(root / "train" / "dog" / f"{name}.png")
    with pytest.raises(
        UserError, match=r"the image .*train/dog/001\.png cannot be read \(.+\), and 1 more: replace it, or .*corrupt=skip"
    ):
        ImageFolder(str(root)).prepare()


def test_corrupt_images_are_left_out(root: Path, capsys: pytest.CaptureFixture[str], cache: Path) -> None:
    for part, name in (("train", "001"), ("val", "000")):
        truncate(root / part / "dog" / f"{name}.png")
    source = ImageFolder(str(root), corrupt="skip")
    source.prepare()
    train, val = paths_of(source)
    assert (len(train), len(val)) == (7, 3)
    assert not any(path.endswith("train/dog/001.png") for path in train)
    said = capsys.readouterr().err
    assert f"left out 2 images that cannot be read: {root}/train/dog/001.png, {root}/val/dog/000.png" in said
    listing = next(cache.rglob("*.corrupt.txt")).read_text()
    assert [line.partition("\t")[0] for line in listing.splitlines()] == [
        f"{root}/train/dog/001.png",
        f"{root}/val/dog/000.png",
    ]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.EMFILE])
def test_what_the_system_refused_is_tried_again(root: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Neither size nor time of a file says that it can be read by now."""
    real, refused = np.fromfile, str(root / "train" / "dog" / "001.png")

    def refuse(path: str, **options: Any) -> Any:
        if path == refused:
            raise OSError(number, os.strerror(number), path)
        return real(path, **options)

    with monkeypatch.context() as broken:
        broken.setattr(np, "fromfile", refuse)
        with pytest.raises(UserError, match=re.escape(f"dog/001.png cannot be read ({os.strerror(number)})")):
            ImageFolder(str(root)).prepare()
    source = ImageFolder(str(root))
    source.prepare()
    assert refused in paths_of(source)[0]


def test_a_disk_that_fails_amid_a_file_has_damaged_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = np.fromfile
    with monkeypatch.context() as broken:
        broken.setattr(np, "fromfile", lambda path, **options: real(path, **options)[:40])  # As NumPy does.
        with pytest.raises(UserError, match=re.escape(os.strerror(errno.EIO))):
            ImageFolder(str(root)).prepare()
    ImageFolder(str(root)).prepare()


def test_a_class_of_corrupt_images(root: Path) -> None:
    for path in (root / "train" / "dog").iterdir():
        truncate(path)
    with pytest.raises(UserError, match="no image of class 'dog' to train on can be read"):
        ImageFolder(str(root), corrupt="skip").prepare()


def test_corrupt_images_alone_to_validate_on(root: Path) -> None:
    for path in (root / "val").rglob("*.png"):
        truncate(path)
    with pytest.raises(UserError, match="no image to validate on can be read"):
        ImageFolder(str(root), corrupt="skip").prepare()


def test_every_file_is_verified_once(root: Path, reads: Reads) -> None:
    ImageFolder(str(root)).prepare()
    assert len(reads) == 12
    reads.clear()
    ImageFolder(str(root)).prepare()
    assert reads == []
    write_image(root / "train" / "cat" / "000.png", seed=77, size=(30, 30))
    write_image(root / "val" / "cat" / "new.png", seed=78)
    ImageFolder(str(root)).prepare()
    assert sorted(reads) == [f"{root}/train/cat/000.png", f"{root}/val/cat/new.png"]


def test_a_file_damaged_or_mended_later_is_noticed(root: Path, reads: Reads) -> None:
    path = root / "train" / "cat" / "000.png"
    ImageFolder(str(root)).prepare()
    truncate(path)
    for _ in range(2):
        with pytest.raises(UserError, match=r"train/cat/000\.png cannot be read"):
            ImageFolder(str(root)).prepare()
    write_image(path, seed=5)
    ImageFolder(str(root)).prepare()
    assert len(reads) == 12 + 1 + 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\0" * 3000, b"zen-lightning index 1\n000000000002\n{}", None])
def test_a_damaged_cache_is_none(root: Path, damage: bytes | None, reads: Reads) -> None:
    first = ImageFolder(str(root))
    first.prepare()
    files = sorted(cache_folder().iterdir())
    assert [path.suffix for path in files].count(".index") == 2
    for path in files:
        content = path.read_bytes()
        path.unlink()  # Not written into: the first source has it in its memory.
        path.write_bytes(content[:-40] if damage is None else damage)
    reads.clear()
    again = ImageFolder(str(root))
    again.prepare()
    assert len(reads) == 12
    assert (again.mean, paths_of(again)) == (first.mean, paths_of(first))
    reads.clear()
    ImageFolder(str(root)).prepare()
    assert reads == []


def test_a_cache_that_cannot_be_written(root: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write_text("in the way")
    source = ImageFolder(str(root))
    source.prepare()
    assert len(source.train()) == 8
    assert "is not kept" in capsys.readouterr().err


def test_what_was_verified_is_kept_when_stopped(root: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = verification.verdict_of

    def stopped(path: str, reading: Reading) -> tuple[int, str | None]:
        if path.endswith("dog/003.png"):
            raise KeyboardInterrupt
        return noted(path, reading)

    monkeypatch.setattr(verification, "verdict_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        ImageFolder(str(root)).prepare()
    monkeypatch.setattr(verification, "verdict_of", noted)
    reads.clear()
    ImageFolder(str(root)).prepare()
    assert 0 < len(reads) <= 5


def test_without_verification_a_corrupt_image_is_fatal_when_it_is_read(root: Path) -> None:
    truncate(root / "train" / "cat" / "001.png")
    source = ImageFolder(str(root), verify=False, mean=[0, 0, 0], std=[1, 1, 1])
    source.prepare()
    with pytest.raises(UserError, match=r"train/cat/001\.png cannot be read .*\bcorrupt=skip"):
        source.train().image(1)


def test_without_verification_the_next_of_the_class_takes_its_place(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cat/002", "cat/003"):
        truncate(root / "train" / f"{name}.png")
    images = ImageFolder(str(root), verify=False, corrupt="skip").train()
    for _ in range(2):
        assert images.image(2).tobytes() == images.image(0).tobytes()
        assert images.image(3).tobytes() == images.image(0).tobytes()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "skipped" in said[0]
    assert "cat/002.png: cannot be read" in said[0]
    for name in ("cat/000", "cat/001"):
        truncate(root / "train" / f"{name}.png")
    with pytest.raises(UserError, match=r"cat/002\.png and the images after it cannot be read"):
        images.image(2)


def test_images_of_one_colour_are_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (20, 20), "black").save(root / "train" / "cat" / "black.png")
    for _ in range(2):  # At the first reading, and from the index.
        ImageFolder(str(root)).prepare()
        said = capsys.readouterr().err
        assert f"1 image is of one colour all over, and used as it is: {root}/train/cat/black.png" in said
    assert len(ImageFolder(str(root)).train()) == 9
