"""The size of a JPEG file."""

import io

import numpy as np
import pytest
from PIL import Image

from zen_lightning.data.jpeg_head import jpeg_pixels


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": b"Exif\0\0" + bytes(3000)}, {"comment": b"text"}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_the_size_is_that_of_pillow(mode: str, options: dict[str, object]) -> None:
    file = io.BytesIO()
    Image.new(mode, (301, 40)).save(file, "JPEG", **options)
    assert jpeg_pixels(np.frombuffer(file.getvalue(), dtype=np.uint8)) == (301, 40)


def test_cut_and_odd_files_have_none() -> None:
    file = io.BytesIO()
    Image.new("RGB", (30, 40)).save(file, "JPEG")
    content = np.frombuffer(file.getvalue(), dtype=np.uint8)
    for length in (0, 2, 3, 10, 20):
        assert jpeg_pixels(content[:length]) is None
    assert jpeg_pixels(np.zeros(100, dtype=np.uint8)) is None
    padded = np.concatenate([content[:2], np.full(3, 0xFF, dtype=np.uint8), content[2:]])
    assert jpeg_pixels(padded) == (30, 40)
