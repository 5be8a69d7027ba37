"""Writes small datasets as they lie on disk."""

import hashlib
import pickle
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torchvision
from PIL import Image

from zen_lightning.data import ImageFolder


def write_image(path: Path, seed: int = 0, size: tuple[int, int] = (12, 9)) -> None:
    """Write noise as an image, in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def write_folder(folder: Path, classes: Iterable[str] = ("cat", "dog"), each: int = 5, suffix: str = ".png") -> Path:
    """Write a folder of class folders."""
    for name in classes:
        for index in range(each):
            path = folder / name / f"{index:03}{suffix}"
            write_image(path, seed=zlib.crc32(str(path).encode()))
    return folder


def truncate(path: Path) -> None:
    """Cut a file in half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def write_cifar(root: Path, kind: str, monkeypatch: pytest.MonkeyPatch, train: int = 20, val: int = 10) -> Path:
    """Write a dataset in the format of CIFAR10 or CIFAR100, and have torchvision expect the digests of its files."""
    dataset = getattr(torchvision.datasets, kind)
    folder = root / dataset.base_folder
    folder.mkdir(parents=True)
    key, names = ("labels", 10) if kind == "CIFAR10" else ("fine_labels", 100)
    digests = {}
    for number, (name, _) in enumerate([*dataset.train_list, *dataset.test_list]):
        count = val if [name, _] in dataset.test_list else train
        rng = np.random.default_rng(number)
        content: dict[str, Any] = {"data": rng.integers(0, 256, (count, 3072), dtype=np.uint8)}
        content[key] = [index % names for index in range(count)]
        digests[name] = _dump(folder / name, content)
    meta = {dataset.meta["key"]: [f"class{index}" for index in range(names)]}
    digest = _dump(folder / dataset.meta["filename"], meta)
    for lists in ("train_list", "test_list"):
        monkeypatch.setattr(dataset, lists, [[name, digests[name]] for name, _ in getattr(dataset, lists)])
    monkeypatch.setattr(dataset, "meta", {**dataset.meta, "md5": digest})
    return root


def _dump(path: Path, content: Any) -> str:
    path.write_bytes(pickle.dumps(content))
    return hashlib.md5(path.read_bytes()).hexdigest()


def paths_of(source: ImageFolder) -> tuple[list[str], list[str]]:
    """Return the files that are trained and validated on."""
    return sorted(source.train().paths), sorted(source.val().paths)
