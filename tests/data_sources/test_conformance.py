"""Every source of images of the project keeps to what every source does. A new one is a line in ``SOURCES``."""

import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from dataset_files import write_cifar, write_folder
from zen_lightning.config import conf_dir
from zen_lightning.data import Cifar10, Cifar100, DataSource, Digits, ImageFolder, WebDataset, imagenet
from zen_lightning.testing.datasets import DATASET, parts

Make = Callable[[Path, pytest.MonkeyPatch], DataSource]


def cifar10(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    return Cifar10(str(write_cifar(folder, "CIFAR10", monkeypatch)), download=False)


def cifar100(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    return Cifar100(str(write_cifar(folder, "CIFAR100", monkeypatch)), download=False)


def small_imagenet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    monkeypatch.setattr(imagenet, "_CLASSES", 3)
    for part in ("train", "val"):
        write_folder(folder / part, ("n01", "n02", "n03"), each=2, suffix=".jpg")
    return imagenet.ImageNet(str(folder))


def two_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    write_folder(folder / "train", each=4)
    write_folder(folder / "val", each=2)
    return ImageFolder(str(folder))


def one_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    return ImageFolder(str(write_folder(folder, each=6)))


def shards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    writer = pytest.importorskip("webdataset").ShardWriter
    folder.mkdir(parents=True)
    for part, count in (("train", 12), ("val", 6)):
        with writer(str(folder / f"{part}-%d.tar"), maxcount=5, verbose=0) as tar:
            for number in range(count):
                pixels = np.random.default_rng([number, count]).integers(0, 256, (9, 12, 3), dtype=np.uint8)
                tar.write({"__key__": f"{number:03}", "png": pixels, "cls": number % 2})
    return WebDataset(str(folder))


SOURCES: dict[str, Make] = {
    "digits": lambda folder, monkeypatch: Digits(),
    "cifar10": cifar10,
    "cifar100": cifar100,
    "imagenet": small_imagenet,
    "image_folder, train and val": two_folders,
    "image_folder, one folder": one_folder,
    "webdataset": shards,
}


@pytest.fixture(params=list(SOURCES))
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return SOURCES[request.param](tmp_path / "images", monkeypatch)


@pytest.mark.parametrize("check", DATASET.checks)
def test_it_keeps_to_what_every_source_does(source: DataSource, check: str) -> None:
    DATASET.checks[check](source)


@pytest.mark.parametrize("path", sorted((conf_dir() / "dataset").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_yaml_of_a_dataset_names_arguments_of_its_class(path: Path) -> None:
    node = yaml.safe_load(path.read_text(encoding="utf-8"))["dataset"]
    assert node["name"] == path.stem
    assert "root" in node
    if path.stem == "noise":
        return
    module, _, name = node.pop("_target_").rpartition(".")
    target = getattr(__import__(module, fromlist=[name]), name)
    assert issubclass(target, DataSource)
    parameters = inspect.signature(target).parameters
    assert set(node) <= set(parameters)
    for key in set(node) - {"root"}:
        assert node[key] == parameters[key].default, key


def test_statistics_are_those_of_the_images() -> None:
    source = Digits()
    pixels = np.concatenate([[np.asarray(images.image(i)) for i in range(len(images))] for images in parts(source)]) / 255
    assert source.mean[0] == pytest.approx(pixels.mean(), abs=1e-4)
    assert source.std[0] == pytest.approx(pixels.std(), abs=1e-4)
