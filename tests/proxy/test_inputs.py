"""Batches of noise, and of images in a folder."""

from pathlib import Path
from random import Random

import pytest
import torch

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.inputs import ImageFolder, Noise, inputs_from
from zen_lightning.proxy.naswot import NasWot

ROW = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)")


def write(path: Path, size: tuple[int, int] = (12, 10), colour: tuple[int, int, int] | None = None) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    content = Random(str(path.name)).randbytes(3 * size[0] * size[1])
    picture = Image.frombytes("RGB", size, content) if colour is None else Image.new("RGB", size, colour)
    picture.save(path)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for index in range(8):
        write(tmp_path / "pets" / ("cats" if index % 2 else "dogs") / f"{index}.png")
    return tmp_path / "pets"


def test_noise() -> None:
    images, labels = Noise().batch((200, 3, 8, 8), 7, generator())
    assert images.shape == (200, 3, 8, 8)
    assert images.std().item() == pytest.approx(1, abs=0.02)
    assert images.mean().item() == pytest.approx(0, abs=0.02)
    assert set(labels.tolist()) == set(range(7))
    assert isinstance(inputs_from(None), Noise)


def test_images_are_standardised_and_labelled(tmp_path: Path) -> None:
    write(tmp_path / "a" / "black.png", (9, 30), (0, 0, 0))
    write(tmp_path / "b" / "white.png", (30, 9), (255, 255, 255))
    images, labels = ImageFolder(str(tmp_path)).batch((2, 3, 16, 16), 2, generator())
    assert images.shape == (2, 3, 16, 16)
    assert images.dtype == torch.float32
    for image, label in zip(images, labels.tolist(), strict=True):
        for channel, mean, std in zip(image, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True):
            assert torch.allclose(channel, torch.full((16, 16), (label - mean) / std), atol=1e-4)


def test_no_image_comes_twice_in_a_batch(folder: Path) -> None:
    for seed in range(5):
        images, labels = ImageFolder(str(folder)).batch((8, 3, 8, 8), 2, generator(seed))
        assert len(torch.unique(images, dim=0)) == 8
        assert labels.sum() == 4
    first, second = (ImageFolder(str(folder)).batch((8, 3, 8, 8), 2, generator(seed))[0] for seed in (1, 2))
    assert not torch.equal(first, second)


def test_a_batch_larger_than_the_folder(folder: Path) -> None:
    with pytest.raises(UserError, match="has 8 images, and batch_size=9; lower batch_size"):
        NasWot(8, 2, 9, images=str(folder)).score(ROW)


def test_more_classes_than_logits(folder: Path) -> None:
    with pytest.raises(UserError, match="has 2 classes, and the network 1; raise num_classes"):
        NasWot(8, 1, 4, images=str(folder)).score(ROW)


def test_the_train_folder_of_a_dataset_is_taken(folder: Path) -> None:
    folder.rename(folder.parent / "train")
    write(folder.parent / "test" / "cats" / "unseen.png")
    images, _ = inputs_from(str(folder.parent)).batch((8, 3, 8, 8), 2, generator())
    assert len(images) == 8


def test_folders_without_images(tmp_path: Path) -> None:
    (tmp_path / "empty" / "cats").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    for name in ("nowhere", "empty", "file", "empty/cats"):
        with pytest.raises(UserError, match=f"^images=.*{name}: expected a folder of class folders with images"):
            inputs_from(str(tmp_path / name))


def test_an_image_that_cannot_be_read(folder: Path) -> None:
    for path in folder.glob("*/*.png"):
        path.write_bytes(b"not a picture")
    with pytest.raises(CannotScoreError, match=r"the image .*\.png cannot be read"):
        NasWot(8, 2, 4, images=str(folder)).score(ROW)
