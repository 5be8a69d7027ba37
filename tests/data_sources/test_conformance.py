"""What every source of images keeps to. A source of your own: a function that makes it, and a line in ``SOURCES``."""

import inspect
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from dataset_files import write_cifar, write_folder
from zen_lightning.config import conf_dir
from zen_lightning.data import Cifar10, Cifar100, DataSource, Digits, ImageFolder, Images, imagenet

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


SOURCES: dict[str, Make] = {
    "digits": lambda folder, monkeypatch: Digits(),
    "cifar10": cifar10,
    "cifar100": cifar100,
    "imagenet": small_imagenet,
    "image_folder, train and val": two_folders,
    "image_folder, one folder": one_folder,
}


@pytest.fixture(params=list(SOURCES))
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return SOURCES[request.param](tmp_path / "images", monkeypatch)


def parts(source: DataSource) -> list[Images]:
    return [source.train(), source.val()]


def content(images: Images) -> list[tuple[bytes, int]]:
    return [(images.image(index).tobytes(), images.label(index)) for index in range(len(images))]


def test_says_what_it_is(source: DataSource) -> None:
    assert source.name
    assert source.image_size >= 1
    assert source.crop_ratio is None or 0 < source.crop_ratio <= 1
    assert len(source.mean) == len(source.std) == 3
    assert all(0 <= value <= 1 for value in source.mean)
    assert all(0 < value <= 1 for value in source.std)


def test_classes(source: DataSource) -> None:
    assert source.num_classes == len(source.classes) == len(set(source.classes))
    assert all(isinstance(name, str) for name in source.classes)


def test_images_and_labels(source: DataSource) -> None:
    for images in parts(source):
        assert len(images) > 0
        for index in (0, len(images) - 1):
            assert images.image(index).mode == "RGB"
        labels = [images.label(index) for index in range(len(images))]
        assert all(isinstance(label, int) and 0 <= label < source.num_classes for label in labels)


def test_training_and_validation_share_no_image(source: DataSource) -> None:
    train, val = (set(content(images)) for images in parts(source))
    assert not train & val


def test_images_can_be_sent_to_a_worker(source: DataSource) -> None:
    for images in parts(source):
        assert content(pickle.loads(pickle.dumps(images))) == content(images)


def test_prepare_may_be_called_or_not_and_again(source: DataSource) -> None:
    before = content(source.val())
    source.prepare()
    source.prepare()
    assert content(source.val()) == before


def test_an_image_is_the_same_each_time(source: DataSource) -> None:
    assert content(source.train()) == content(source.train())


def test_no_python_object_for_each_image(source: DataSource) -> None:
    for images in parts(source):
        values = [value for value in vars(images).values() if isinstance(value, list | tuple | dict)]
        assert all(len(value) < len(images) or len(value) == 0 for value in values)


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
