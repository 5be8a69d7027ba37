"""Opening an image file without Pillow's own limit of pixels: a dataset has a limit of its own, which a user can raise."""

import io
import threading
from functools import cache
from os import PathLike

from PIL import Image

from zen_lightning.system.ordinary_file import require_file

FORMATS = ("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "QOI", "SGI", "TGA", "TIFF", "WEBP")
"""Formats of Pillow that files are read as, whatever their names: those that are decoded without another program. Pillow would
hand PostScript, which is a language, to Ghostscript."""

_OPENING = threading.Lock()
"""Held while Pillow's own limit, which is one for all threads, is lifted."""


def open_unlimited(file: io.BytesIO | str | PathLike[str]) -> Image.Image:
    """Return an image of which the head has been read, and no more, whatever its size.

    Pillow warns above a limit of its own, and refuses twice that.

    Raises:
        OSError: as Pillow does, which has many kinds of errors.
    """
    if not isinstance(file, io.BytesIO):
        require_file(file)
    with _OPENING:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(file, formats=_known_formats())
        finally:
            Image.MAX_IMAGE_PIXELS = before


@cache
def _known_formats() -> tuple[str, ...]:
    """Return those of :data:`FORMATS` that this version of Pillow has: it fails on any image where it is asked for another."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)
