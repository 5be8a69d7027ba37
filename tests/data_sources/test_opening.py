"""Which formats image files are read as."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from zen_lightning.data import opening
from zen_lightning.data.folder_index import EXTENSIONS


@pytest.fixture
def old_pillow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A version of Pillow that has no AVIF, as those before 11.3."""
    Image.init()
    monkeypatch.delitem(Image.OPEN, "AVIF", raising=False)
    opening._known_formats.cache_clear()
    yield
    opening._known_formats.cache_clear()


@pytest.mark.usefixtures("old_pillow")
def test_a_format_that_pillow_does_not_know_keeps_no_image_from_being_read() -> None:
    file = io.BytesIO()
    Image.new("RGB", (3, 2)).save(file, "PNG")
    assert opening.open_unlimited(file).size == (3, 2)


def test_every_ending_of_a_dataset_is_of_a_format_that_is_read() -> None:
    Image.init()
    formats = {ending: Image.EXTENSION[ending] for ending in EXTENSIONS if ending in Image.EXTENSION}
    assert len(formats) > len(EXTENSIONS) / 2
    of_jpeg = {"MPO"}  # Several JPEG images in a file, which Pillow opens as JPEG first.
    assert set(formats.values()) - {*opening.FORMATS} - of_jpeg == set()


def test_a_file_of_several_jpeg_images_is_read() -> None:
    file, image = io.BytesIO(), Image.new("RGB", (8, 8))
    image.save(file, "MPO", save_all=True, append_images=[image])
    assert opening.open_unlimited(file).format == "MPO"
