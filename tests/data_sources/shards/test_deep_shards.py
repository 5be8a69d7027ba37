"""Images of more than 8 bits a channel in shards."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deep_files
from shard_files import KNOWN
from zen_lightning.data import WebDataset, web_dataset
from zen_lightning.data.grey import GreyRange

wds = pytest.importorskip("webdataset")
pytestmark = pytest.mark.usefixtures("cache")


def write_deep(folder: Path, tops: tuple[int, ...], colour: bool = False) -> Path:
    """Write a shard for training of PNG files of 16 bits, each a ramp up to a value."""
    folder.mkdir(parents=True, exist_ok=True)
    with wds.TarWriter(str(folder / "train.tar"), encoder=False) as writer:
        for number, top in enumerate(tops):
            path = folder.parent / "deep.png"
            values = np.linspace(0, top, 480).reshape(20, 24).astype(np.uint16)
            if colour:
                deep_files.write(path, np.stack([values] * 3, axis=2), deep_files.Kind("PNG"))
            else:
                Image.fromarray(values).save(path)
            writer.write({"__key__": f"{number:05}", "png": path.read_bytes(), "cls": str(number % 2).encode()})
    return folder


@pytest.mark.parametrize("colour", [False, True])
def test_one_range_for_all_deep_images(tmp_path: Path, capsys: pytest.CaptureFixture[str], colour: bool) -> None:
    root = write_deep(tmp_path / "shards", (4000, 200, 2048, 1000), colour)
    source = WebDataset(str(root), val_fraction=0.5, **KNOWN)
    source.prepare()
    # Two of four are trained on: the range is theirs.
    top = int(max(source.train().opened(at).getextrema()[-1] for at in range(2))) if not colour else 4000
    assert source.grey_range == ((0, 4096) if colour or top > 255 else (0, 256))
    assert "images of more than 8 bits a channel, with values from 0 to" in capsys.readouterr().err
    assert source.train().pixels(0).max() != source.train().pixels(1).max()
    seen = source.with_grey_range(GreyRange(0, 65536))
    assert [int(seen.train().pixels(at).max()) for at in range(2)] == [
        int(source.train().pixels(at).max()) // 16 for at in range(2)
    ]
    said = WebDataset(str(root), val_fraction=0.5, grey_range=[0, 8192], **KNOWN)
    assert said.with_grey_range(GreyRange(0, 65536)).grey_range == said.grey_range == (0, 8192)


def test_the_range_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_deep(tmp_path / "shards", (4000, 3000, 2048, 1000))
    WebDataset(str(root), val_fraction=0.5, **KNOWN).prepare()
    monkeypatch.setattr(web_dataset, "measured_extent", None)
    assert WebDataset(str(root), val_fraction=0.5, **KNOWN).grey_range == (0, 4096)


def test_statistics_are_those_of_the_range(tmp_path: Path) -> None:
    root = write_deep(tmp_path / "shards", (4095,) * 4)
    narrow = WebDataset(str(root), val_fraction=0.5).mean
    wide = WebDataset(str(root), val_fraction=0.5, grey_range=[0, 65536]).mean
    assert narrow[0] == pytest.approx(0.5, abs=0.01)
    assert wide[0] == pytest.approx(0.5 / 16, abs=0.01)


def test_images_of_8_bits_have_no_range(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = WebDataset(str(root), **KNOWN)
    source.prepare()
    assert source.grey_range is None
    assert "grey_range" not in capsys.readouterr().err
