"""CIFAR-10 and CIFAR-100."""

from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torchvision

from dataset_files import write_cifar
from zen_lightning.data import Cifar10, Cifar100
from zen_lightning.errors import UserError


def test_the_numbers_of_the_recipe() -> None:
    for source in (Cifar10(), Cifar100()):
        assert source.mean == (0.4914, 0.4822, 0.4465)
        assert source.std == (0.2023, 0.1994, 0.2010)
        assert (source.image_size, source.crop_ratio) == (32, None)
    assert (Cifar10().num_classes, Cifar100().num_classes) == (10, 100)
    assert Cifar100()._root == Path("~/data/pytorch_cifar100").expanduser()


def test_images_are_those_of_torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cifar(tmp_path, "CIFAR10", monkeypatch)
    ours, theirs = Cifar10(str(tmp_path)).val(), torchvision.datasets.CIFAR10(str(tmp_path), train=False)
    assert len(ours) == len(theirs)
    assert np.array_equal(np.asarray(ours.image(3)), np.asarray(theirs[3][0]))
    assert ours.label(3) == theirs[3][1]


def test_absent_and_not_to_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is not there; allow download=true, or put it there by hand$"):
        Cifar10(str(tmp_path), download=False).prepare()


def test_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cifar(tmp_path, "CIFAR10", monkeypatch)
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cifar-10-batches-py/ is incomplete or damaged"):
        Cifar10(str(tmp_path), download=False).prepare()


@pytest.mark.parametrize(
    "error", [URLError("no route to host"), ConnectionResetError("reset by peer"), TimeoutError("timed out")]
)
def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(torchvision.datasets.cifar, "download_and_extract_archive", fail)
    with pytest.raises(UserError) as caught:
        Cifar100(str(tmp_path)).prepare()
    for word in ("cannot be reached", "put cifar-100-python.tar.gz", str(tmp_path), str(getattr(error, "reason", error))):
        assert word in str(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"^root=.*file/images: cannot read or write there"):
        Cifar10(str(tmp_path / "file" / "images")).prepare()
