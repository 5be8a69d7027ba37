"""Colours of 16 bits a channel: by the range of the dataset, by their own depth, and named where bits are lost."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deep_files
from zen_lightning.data import ImageFolder
from zen_lightning.data.decode import CorruptImageError, Reading, as_rgb, decode_pixels, deep_extent, opened
from zen_lightning.data.deep_colour import deep_colour
from zen_lightning.data.grey import GreyRange

VALUES = np.random.default_rng(0).integers(0, 4096, (20, 24, 4)).astype(np.uint16)
VALUES[0, 0] = 4095
READ = [kind for kind in deep_files.KINDS if not kind.is_lost]
LOST = [kind for kind in deep_files.KINDS if kind.is_lost]
FULL = GreyRange(0, 65536)


def written(folder: Path, kind: deep_files.Kind, values: np.ndarray = VALUES) -> tuple[Path, np.ndarray]:
    """Write values; return the file, and the colours that it holds."""
    path = folder / f"image.{kind.format.lower()}"
    path.parent.mkdir(parents=True, exist_ok=True)
    deep_files.write(path, values[:, :, : kind.channels], kind)
    return path, values[:, :, [0, 0, 0]] if kind.channels == 2 else values[:, :, :3]


@pytest.mark.parametrize("kind", READ, ids=str)
def test_both_bytes_count(tmp_path: Path, kind: deep_files.Kind) -> None:
    path, colours = written(tmp_path, kind)
    assert np.array_equal(decode_pixels(path), colours >> 4)
    assert np.array_equal(decode_pixels(path, Reading(grey=FULL)), colours >> 8)
    assert np.array_equal(decode_pixels(path, Reading(grey=GreyRange(0, 1024))), np.minimum(colours >> 2, 255))
    with opened(path) as image:
        assert deep_extent(image) == (colours.min(), 4095, True, None)


@pytest.mark.parametrize("kind", deep_files.KINDS, ids=str)
def test_values_that_fill_16_bits_are_their_upper_bytes(tmp_path: Path, kind: deep_files.Kind) -> None:
    path, colours = written(tmp_path, kind, VALUES * 16)
    for reading in (Reading(), Reading(grey=FULL)):
        assert np.array_equal(decode_pixels(path, reading), colours >> 8)


@pytest.mark.parametrize("kind", LOST, ids=str)
def test_lost_bits_are_named(tmp_path: Path, kind: deep_files.Kind) -> None:
    path, _ = written(tmp_path, kind)
    with pytest.raises(CorruptImageError, match="only the upper 8 can be read in this format, and these are at most 16 of"):
        decode_pixels(path)


def test_plain_ppm_of_16_bits_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "image.ppm"
    path.write_text("P3 1 1 65535 4095 9 9\n")
    with pytest.raises(CorruptImageError, match="only the upper 8"):
        decode_pixels(path)
    path.write_text("P3 1 1 4095 4095 0 0\n")  # Its depth is said: nothing is lost.
    assert decode_pixels(path).tolist() == [[[255, 0, 0]]]


def test_jpeg_2000_says_its_bits(tmp_path: Path) -> None:
    path = tmp_path / "image.jp2"
    Image.fromarray(np.full((20, 20, 3), 9, dtype=np.uint8)).save(path)
    assert deep_colour(opened(path)) is None
    content = bytearray(path.read_bytes())
    at = content.index(b"\xff\x4f\xff\x51") + 42
    assert content[at : at + 9 : 3] == bytes([7, 7, 7])
    content[at : at + 9 : 3] = bytes([15, 15, 15])
    path.write_bytes(content)
    assert deep_colour(opened(path)) is not None


@pytest.mark.parametrize("name", ["image.png", "image.tiff", "image.ppm", "image.jpg"])
def test_images_of_8_bits_are_not_looked_at(tmp_path: Path, name: str) -> None:
    for options in ({}, {"compression": "tiff_lzw"}) if name.endswith("tiff") else ({},):
        Image.new("RGB", (3, 2)).save(tmp_path / name, **options)
        assert deep_colour(opened(tmp_path / name)) is None


def test_an_image_that_is_open_is_read_like_its_file(tmp_path: Path) -> None:
    path, colours = written(tmp_path, READ[0])
    with Image.open(path) as image:
        assert np.array_equal(as_rgb(image), decode_pixels(path))
        assert np.asarray(image).shape[:2] == colours.shape[:2]  # It is still there to be decoded.


def test_pillow_does_not_refuse_what_the_limit_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = written(tmp_path, READ[0])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert decode_pixels(path).shape == (20, 24, 3)
    with pytest.raises(CorruptImageError, match="max_pixels is 479"):
        decode_pixels(path, Reading(max_pixels=479))


def test_one_range_for_all_images_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, (label, top) in enumerate((("cat", 4095), ("cat", 200), ("dog", 2048), ("dog", 1000))):
        values = np.linspace(0, top, 20 * 24 * 3).reshape(20, 24, 3).astype(np.uint16)
        path = tmp_path / "images" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        deep_files.write(path, values, deep_files.Kind("PNG"))
    source = ImageFolder(str(tmp_path / "images"), val_fraction=0.5)
    source.prepare()
    assert "more than 8 bits a channel, with values from 0 to 4,095: grey_range=[0,4096] for all" in capsys.readouterr().err
    images = [*(source.train().pixels(at) for at in range(2)), *(source.val().pixels(at) for at in range(2))]
    assert sorted(int(pixels.max()) for pixels in images) == [12, 62, 128, 255]
