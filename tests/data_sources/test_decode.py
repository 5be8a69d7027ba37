"""Reading image files."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataset_files import truncate, write_image
from zen_lightning.data.decode import CorruptImageError, decode
from zen_lightning.errors import UserError


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("image.tiff" if mode == "CMYK" else "image.png")
    options = {"transparency": b"\x00\x80"} if mode == "P" else {}
    Image.new(mode, (3, 2)).save(path, **options)
    assert (decode(path).mode, decode(path).size) == ("RGB", (3, 2))


def test_sixteen_bits_of_grey(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 256, 32768, 65535]], dtype=np.uint16)).save(tmp_path / "image.png")
    assert np.asarray(decode(tmp_path / "image.png"))[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".webp", ".tiff"])
def test_a_damaged_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image{suffix}"
    for damage in (lambda: truncate(path), lambda: path.write_bytes(b""), lambda: path.write_bytes(b"text")):
        write_image(path, size=(40, 40))
        damage()
        with pytest.raises(UserError, match=r"the image .*image\..* cannot be read \(.+\); dataset\.corrupt=skip"):
            decode(path)


def test_the_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(CorruptImageError("a.png", "truncated")))
    assert (error.path, error.reason) == ("a.png", "truncated")
