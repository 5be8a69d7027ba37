"""Images that live on the device: which they are, whatever batches, processes and interruptions; and when they stay away."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dataset_files import write_cifar
from zen_lightning.data import ArrayImages, Augmentation, Cifar10, Digits, ImageData, placement
from zen_lightning.data.batched.loader import DeviceLoader
from zen_lightning.data.source import Images
from zen_lightning.errors import UserError

CPU = torch.device("cpu")
STRONG = Augmentation(padding=2, policy="imagenet", lighting=0.1)


def loaders(batch_size: int = 16, **options: Any) -> ImageData:
    return ImageData(Digits(placement="device"), batch_size, STRONG, **{"limit": 100, "seed": 3, **options})


def epoch(data: ImageData, number: int = 0) -> dict[int, Tensor]:
    """Return the images of an epoch by their index."""
    loader = data.train_dataloader()
    assert isinstance(loader, DeviceLoader)
    assert data.train_sampler is not None
    data.train_sampler.set_epoch(number)
    images = torch.cat([data.finish(batch)[0] for batch in loader])
    return {key.index: image for key, image in zip(data.train_sampler, images, strict=True)}


def same(left: dict[int, Tensor], right: dict[int, Tensor]) -> bool:
    common = left.keys() & right.keys()
    assert len(common) > 60
    return all(torch.equal(left[index], right[index]) for index in common)


def test_an_image_does_not_depend_on_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = epoch(loaders(16))
    assert same(expected, epoch(loaders(7)))
    monkeypatch.setattr("zen_lightning.data.batched.loader._CPU_PIXELS", 1)
    assert same(expected, epoch(loaders(16)))
    assert not same(expected, epoch(loaders(16), 1))
    assert not same(expected, epoch(loaders(16, seed=4, limit=None)))


def test_processes_share_the_images_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    expected, found = epoch(loaders(16)), {}
    for rank in range(2):
        data = loaders(8)
        monkeypatch.setattr(data, "_place", lambda rank=rank: (rank, 2))
        part = epoch(data)
        assert not found.keys() & part.keys()
        found.update(part)
    assert found.keys() == expected.keys()
    assert same(expected, found)


def test_a_run_continued_in_the_middle_sees_the_tail() -> None:
    data = loaders()
    expected = list(epoch(data, 5).values())
    loader = data.train_dataloader()
    assert data.train_sampler is not None
    data.train_sampler.start_at(5, 4)
    found = torch.cat([data.finish(batch)[0] for batch in loader])
    assert torch.equal(found, torch.stack(expected[64:]))
    assert len(loader) == 6


def test_validation_sees_what_it_sees_on_the_cpu() -> None:
    options: dict[str, Any] = {"eval_batch_size": 50, "eval_image_size": 20, "eval_crop_ratio": 0.8}
    here, there = (ImageData(Digits(placement=name), 8, STRONG, **options) for name in ("device", "cpu"))
    pairs = [[data.finish(batch) for batch in data.val_dataloader()] for data in (here, there)]
    assert [len(labels) for _, labels in pairs[0]] == [50] * 7 + [9]
    for (left, labels), (right, expected) in zip(*pairs, strict=True):
        assert torch.equal(left, right)
        assert torch.equal(labels, expected)
    assert len(here.val_dataloader()) == 8


def test_without_augmentation_training_images_are_those_of_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = str(write_cifar(tmp_path, "CIFAR10", monkeypatch))
    plain = Augmentation(crop="none", flip=0.0, erasing=0.0)
    batches = []
    for name in ("device", "cpu"):
        data = ImageData(Cifar10(root, download=False, placement=name), 10, plain, workers=0, image_size=24)
        batches.append([data.finish(batch) for batch in data.train_dataloader()])
    assert len(batches[0]) == 10
    for (left, labels), (right, expected) in zip(*batches, strict=True):
        assert torch.equal(left, right)
        assert torch.equal(labels, expected)


def test_images_too_large_for_the_device_stay_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(placement, "free_memory", lambda device: 200_000)
    data = loaders()
    settled = data.settle(CPU)
    assert settled.name == "cpu"
    what = (
        "placement=device: the images stay on the CPU, as they take 0.1 MB, more than half of the 0.2 MB that are free on cpu"
    )
    assert settled.reason == what
    assert not isinstance(data.train_dataloader(), DeviceLoader)
    assert capsys.readouterr().err == f"{settled.reason}\n"


def test_memory_that_runs_out_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(placement, "DeviceImages", fail)
    assert "which cpu could not give" in loaders().settle(CPU).reason


class _Uneven(Digits):
    """The second image is larger."""

    def train(self) -> Any:
        class Two(ArrayImages):
            def pixels(self, index: int) -> Any:
                return np.zeros((16, 16 + index, 3), dtype=np.uint8)

        images: Images = Two(np.zeros((2, 16, 16), dtype=np.uint8), [0, 1])
        return images


def test_images_of_several_sizes_stay_on_the_cpu() -> None:
    data = ImageData(_Uneven(placement="device"), 1, Augmentation())
    assert data.settle(CPU).reason.endswith("as they have several sizes, 16 x 16 and 17 x 16 among them")
    assert len(list(data.train_dataloader())) == 2


def test_what_is_no_place() -> None:
    with pytest.raises(UserError, match=r"^placement=gpu: did you mean 'cpu'\? Choose from: cpu, device"):
        Digits(placement="gpu")
