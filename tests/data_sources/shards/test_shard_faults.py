"""Shards, samples and images that cannot be used."""

import builtins
import os
import pickle
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shard_files import KNOWN, contents, first_shard, rewrite_shard, write_shards
from zen_lightning.data import WebDataset
from zen_lightning.errors import MissingExtraError, UserError

pytest.importorskip("webdataset")
pytestmark = pytest.mark.usefixtures("cache")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, content: None if name.endswith("cls") else (name, content), r"00000 in the shard .* has no label"),
        (lambda name, content: (name, b"cat") if name.endswith("cls") else (name, content), r"has the label 'cat'"),
        (lambda name, content: (name, b"-1") if name.endswith("cls") else (name, content), r"has the label '-1'"),
        (lambda name, content: None if name[-3:] in ("png", "jpg") else (name, content), r"has no image \(\.cls, \.json\)"),
        (lambda name, content: (name.replace("json", "jpeg"), content), r"has 2 images \(jpeg, png\)"),
    ],
)
def test_samples_that_are_not_usable(root: Path, change: Any, message: str) -> None:
    rewrite_shard(first_shard(root), change)
    with pytest.raises(UserError, match=message):
        WebDataset(str(root), **KNOWN).prepare()


@pytest.mark.parametrize("keep", [1000, 700])
def test_a_shard_that_is_cut_off(root: Path, keep: int) -> None:
    shard = first_shard(root)
    shard.write_bytes(shard.read_bytes()[:keep])
    with pytest.raises(UserError, match=rf"the shard {shard} cannot be read .*complete\?"):
        WebDataset(str(root), **KNOWN).prepare()


def test_compressed_shards_are_no_shards(tmp_path: Path) -> None:
    root = write_shards(tmp_path / "shards", "train", 4)
    shard = first_shard(root)
    with tarfile.open(root / "packed.tar", "w:gz") as tar:
        tar.add(shard, "inner.tar")
    shutil.move(root / "packed.tar", shard)
    with pytest.raises(UserError, match="without compression"):
        WebDataset(str(root), **KNOWN).prepare()


def test_an_image_that_cannot_be_read(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = first_shard(root)
    rewrite_shard(shard, lambda name, content: (name, b"no image") if name.endswith("00000.png") else (name, content))
    with pytest.raises(UserError, match=rf"the image {shard}/imagenet-train/00000.png cannot be read .*by corrupt=skip"):
        WebDataset(str(root), **KNOWN).train().pixels(0)
    images = WebDataset(str(root), corrupt="skip", **KNOWN).train()
    assert np.array_equal(images.pixels(0), images.pixels(3))
    assert images.label(3) == images.label(0)
    images.pixels(0)
    assert capsys.readouterr().err.count("skipped ") == 1
    shutil.rmtree(root)
    lost = pickle.loads(pickle.dumps(images))
    with pytest.raises(
        UserError, match=r"the images after it cannot be read \(.*No such file.*\): are their shards as they were"
    ):
        lost.pixels(0)


def test_the_largest_size_can_be_raised(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = WebDataset(str(root), max_pixels=130, **KNOWN)
    with pytest.raises(
        UserError, match=r"train-0000.tar/.* cannot be read \(it has 14 x 10 = 140 pixels, and max_pixels is 130"
    ):
        contents(small.train())
    skipping = WebDataset(str(root), max_pixels=130, corrupt="skip", **KNOWN).train()
    with pytest.raises(UserError, match=r"the images after it cannot be read \(it has 14 x 10"):  # All of its class.
        skipping.pixels(2)
    assert "max_pixels is 130: raise it" in capsys.readouterr().err
    assert len(contents(WebDataset(str(root), max_pixels=140, **KNOWN).train())) == 24
    with pytest.raises(UserError, match="max_pixels"):
        WebDataset(str(root), max_pixels=0, **KNOWN)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"root": None}, r"^root is missing"),
        ({"root": "/nowhere"}, r"^root=/nowhere|/nowhere is not there"),
        ({"train": "other-*.tar"}, r"there is no shard other-\*\.tar in"),
        ({"train": "{a..}.tar"}, r"there is no shard"),
        ({"train": "http://host/a.tar"}, r"train=http://host/a\.tar: expected files below root"),
        ({"val": "*train*.tar"}, r"is among the shards to train on and to validate on"),
        ({"train": 3}, r"train=3: expected a pattern"),
        ({"classes": ["a", "b"]}, r"there are labels up to 2, and classes names 2 classes"),
        ({"classes": "a"}, r"classes=a: expected a list"),
        ({"shards_at_once": 0}, r"shards_at_once=0: expected a whole number, 1 or more"),
        ({"corrupt": "no"}, r"corrupt=no: expected fatal or skip"),
        ({"std": [0, 1, 1]}, r"std=\[0, 1, 1\]: expected numbers above 0"),
        ({"crop_ratio": 2}, r"crop_ratio=2"),
    ],
)
def test_settings_that_cannot_be(root: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        WebDataset(**{"root": str(root), **KNOWN, **settings}).prepare()


def test_a_folder_without_shards(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no tar files"):
        WebDataset(str(tmp_path), **KNOWN).check()
    write_shards(tmp_path, "shard", 4)
    with pytest.raises(UserError, match=r"none of which is called like training.*train='shard-\*\.tar'"):
        WebDataset(str(tmp_path), **KNOWN).check()


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *more: Any, **options: Any) -> Any:
        if name == "webdataset":
            raise ImportError(name)
        return real(name, *more, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'zen-lightning\[webdataset\]'"):
        WebDataset(str(tmp_path))


def test_a_pipe_in_the_place_of_a_shard_is_not_waited_for(root: Path) -> None:
    shard = first_shard(root)
    shard.unlink()
    os.mkfifo(shard)
    with pytest.raises(UserError, match=rf"the shard {shard} cannot be read .*a pipe, and must be a file"):
        WebDataset(str(root), **KNOWN).prepare()


def test_a_label_of_gigabytes_is_none(root: Path) -> None:
    shard, size = first_shard(root), 20 * 10**9
    head = tarfile.TarInfo("0.cls")
    head.size = size
    with shard.open("wb") as file:
        file.write(head.tobuf(tarfile.GNU_FORMAT))
        file.truncate(512 + -(-size // 512) * 512 + 1024)  # A hole, which takes no room.
    with pytest.raises(UserError, match=r"0 in the shard .* has no image"):
        WebDataset(str(root), **KNOWN).prepare()


def test_names_of_classes_of_gigabytes(root: Path) -> None:
    with (root / "classes.txt").open("ab") as file:
        file.truncate(20 * 10**9)
    with pytest.raises(UserError, match=r"classes\.txt is larger than 16 MiB"):
        _ = WebDataset(str(root), **KNOWN).classes
