"""The values that are black and white in images of more than 8 bits a channel."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zen_lightning.data import ImageFolder, image_folder
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.data.seen_source import SeenSource
from zen_lightning.errors import UserError

pytestmark = pytest.mark.usefixtures("cache")


def write_deep(root: Path, tops: dict[str, int], kind: type = np.uint16, suffix: str = "png") -> None:
    """Write grey images of more than 8 bits: a ramp up to the top of each name."""
    for name, top in tops.items():
        path = root / f"{name}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.linspace(0, top, 480).reshape(20, 24).astype(kind)).save(path)


def test_one_grey_range_for_all_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_deep(tmp_path / "images", {"cat/1": 4000, "cat/2": 200, "dog/1": 2048, "dog/2": 1000})
    source = ImageFolder(str(tmp_path / "images"), val_fraction=0.5)
    source.prepare()
    assert source.grey_range == (0, 4096)
    assert (
        "images of more than 8 bits a channel, with values from 0 to 4,000: grey_range=[0,4096] for all"
        in capsys.readouterr().err
    )
    images = [*(source.train().pixels(at) for at in range(2)), *(source.val().pixels(at) for at in range(2))]
    assert sorted(int(pixels.max()) for pixels in images) == [12, 62, 128, 250]
    # What is trained with travels with the weights, and new images are read likewise.
    seen = Preprocessing.of_source(source, 16)
    assert Preprocessing.read(seen.metadata()) == seen
    dark = Image.fromarray(np.full((16, 16), 200, dtype=np.uint16))
    mean, std = (np.array(values) for values in (source.mean, source.std))
    assert np.allclose(seen(dark).numpy()[:, 0, 0], (12 / 255 - mean) / std)


def test_a_grey_range_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_deep(tmp_path / "images", {"cat/1": 400, "cat/2": 400, "dog/1": 400, "dog/2": 400}, np.float32, "tiff")
    source = ImageFolder(str(tmp_path / "images"), val_fraction=0.5, grey_range=[0, 800])
    source.prepare()
    assert "grey_range=" not in capsys.readouterr().err
    assert int(source.train().pixels(0).max()) == 128
    with pytest.raises(UserError, match="grey_range"):
        ImageFolder(str(tmp_path / "images"), grey_range=[1, 0])


def test_images_to_evaluate_are_read_by_the_range_of_the_network(tmp_path: Path) -> None:
    tops = ("cat/1", "cat/2", "dog/1", "dog/2")
    write_deep(tmp_path / "train", dict.fromkeys(tops, 4000))
    write_deep(tmp_path / "brighter", dict.fromkeys(tops, 8000))
    network = Preprocessing.of_source(ImageFolder(str(tmp_path / "train"), val_fraction=0.5), 16)
    other = ImageFolder(str(tmp_path / "brighter"), val_fraction=0.5)
    assert int(other.val().pixels(0).max()) == 31
    seen = SeenSource(other, network)
    assert seen.grey_range == network.grey_range == (0, 4096)
    assert int(seen.val().pixels(0).max()) == 255
    assert other.grey_range == (0, 65536)
    said = SeenSource(ImageFolder(str(tmp_path / "brighter"), val_fraction=0.5, grey_range=[0, 16000]), network)
    assert int(said.val().pixels(0).max()) == 128


def test_the_grey_range_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_deep(tmp_path / "images", {"cat/1": 400, "cat/2": 400, "dog/1": 400, "dog/2": 400})
    ImageFolder(str(tmp_path / "images"), val_fraction=0.5).prepare()
    monkeypatch.setattr(image_folder, "measured_extent", None)
    assert ImageFolder(str(tmp_path / "images"), val_fraction=0.5).grey_range == (0, 4096)
    write_deep(tmp_path / "images", {"cat/3": 400})
    with pytest.raises(TypeError):
        _ = ImageFolder(str(tmp_path / "images"), val_fraction=0.5).grey_range
