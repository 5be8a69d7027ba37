"""Mean and standard deviation of a user's own images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zen_lightning.data import ImageFolder
from zen_lightning.data.statistics import evenly_spread

pytestmark = pytest.mark.usefixtures("cache")


def test_measured_statistics(root: Path) -> None:
    source = ImageFolder(str(root))
    train = source.train()
    pixels = np.stack([np.asarray(train.image(index)) for index in range(len(train))]) / 255
    assert source.mean == pytest.approx(pixels.mean(axis=(0, 1, 2)), abs=1e-6)
    assert source.std == pytest.approx(pixels.std(axis=(0, 1, 2)), abs=1e-6)


def test_statistics_are_measured_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ImageFolder(str(root))
    first.prepare()
    monkeypatch.setattr("zen_lightning.data.measured_source.channel_statistics", None)
    again = ImageFolder(str(root))
    again.prepare()
    assert (again.mean, again.std) == (first.mean, first.std)
    given = ImageFolder(str(root), classes=["dog"], mean=[0.1, 0.2, 0.3], std=[1, 1, 1])
    given.prepare()
    assert given.mean == (0.1, 0.2, 0.3)
    with pytest.raises(TypeError):  # Other images: measured anew.
        ImageFolder(str(root), classes=["dog"]).prepare()


def test_at_most_ten_thousand_are_measured_evenly_spread() -> None:
    picked = evenly_spread(1_281_167)
    assert len(picked) == len(set(picked.tolist())) == 10_000
    assert (picked[0], set(np.diff(picked).tolist())) == (0, {128, 129})


def test_images_of_one_colour_can_be_normalised(tmp_path: Path) -> None:

    for name in ("0", "1", "2"):
        (tmp_path / "images" / "black").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "images" / "black" / f"{name}.png")
    assert ImageFolder(str(tmp_path / "images")).std == pytest.approx([1 / 255] * 3, rel=1e-3)
