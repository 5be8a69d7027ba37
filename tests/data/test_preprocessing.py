"""What a network sees of an image, and how that is kept as text."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.data.decode import CorruptImageError
from zen_lightning.data.preprocessing import Preprocessing

MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.3, 0.25)


def pixels(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_as_the_validation_images_of_a_training() -> None:
    source = Digits()
    data = ImageData(source, batch_size=8, augmentation=Augmentation(), image_size=16, workers=0)
    data.setup("validate")
    batch = next(iter(data.val_dataloader()))
    images, _ = data.finish(batch)
    see = Preprocessing.of_source(source, 16)
    mine = torch.stack([see(source.val().image(at)) for at in range(4)])
    torch.testing.assert_close(mine, images[:4], rtol=0, atol=1e-5)
    assert see.classes == tuple("0123456789")


@pytest.mark.parametrize("ratio", [None, 0.875])
@pytest.mark.parametrize("crop", [None, 48])
def test_text_and_back(ratio: float | None, crop: int | None) -> None:
    see = Preprocessing(32, MEAN, STD, ("Ä", 'a "b"', "c,d", "\udce4"), crop, ratio)
    texts = see.metadata()
    assert Preprocessing.read(texts) == see
    assert all(isinstance(value, str) and value.encode() for value in texts.values())
    assert (texts["crop_size"], texts["interpolation"]) == (str(crop or 32), "bilinear" if ratio is None else "bicubic")


def test_a_crop_of_another_size_is_scaled_as_a_tensor() -> None:
    image = pixels(60, 50)
    large = Preprocessing(48, MEAN, STD, ("a", "b"), None, 0.875)
    small = Preprocessing(32, MEAN, STD, ("a", "b"), 48, 0.875)
    expected = functional.interpolate(large(image)[None], size=(32, 32), mode="bilinear")[0]
    assert torch.equal(small(image), expected)
    assert small.at(24)(image).shape == (3, 24, 24)


@pytest.mark.parametrize(
    "change", [{"mean": "[1, 2]"}, {"std": "[0, 1, 1]"}, {"classes": "[]"}, {"classes": "names"}, {"resolution": "wide"}]
)
def test_texts_that_say_nothing(change: dict[str, str]) -> None:
    texts = Preprocessing(32, MEAN, STD, ("a", "b")).metadata()
    assert Preprocessing.read({**texts, **change}) is None
    (key,) = change
    del texts[key]
    assert Preprocessing.read(texts) is None


def test_files_and_images(tmp_path: Path) -> None:
    see = Preprocessing(16, MEAN, STD, ("a", "b"))
    image = Image.fromarray(pixels(20, 30))
    image.save(tmp_path / "image.png")
    assert torch.equal(see(tmp_path / "image.png"), see(image))
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(CorruptImageError, match=r"text\.png cannot be read"):
        see(tmp_path / "text.png")
