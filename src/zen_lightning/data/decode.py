"""One way to read an image file, used for checking, measuring and training alike."""

import errno
import io
import os
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from zen_lightning.data.deep_colour import deep_colour
from zen_lightning.data.grey import Extent, GreyRange, grey_levels
from zen_lightning.data.jpeg_head import jpeg_pixels
from zen_lightning.data.opening import open_unlimited
from zen_lightning.data.pixels import Pixels
from zen_lightning.data.stated_depth import stated_bits
from zen_lightning.errors import UserError, first_line
from zen_lightning.system.ordinary_file import require_file

MAX_PIXELS = 178_956_970
"""Pixels of an image at most, unless a dataset says otherwise: where Pillow refuses an image as a decompression bomb."""

_MOST_BYTES = 513 * 2**20
"""Bytes of the file of an image, however few pixels it may have. A choice: a file may hold more than its pixels."""

_LARGE = 32 * 2**20
"""Bytes of a file whose head is read by itself first, so that what is no image is not read into memory. A choice: it costs one
more look, which files of this size do not notice."""

_BYTES_A_PIXEL = 8
"""Of what images hold, not compressed, the most: three colours and transparency of 16 bits each."""

_DEEP = ("I", "F")
"""What the modes of grey of more than 8 bits begin with."""

_TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
"""A tag of TIFF, and its value for negatives: https://www.loc.gov/preservation/digital/formats/content/tiff_tags.shtml."""

_XMP_ORIENTATION = b"tiff:Orientation"
_HEAD = 1 << 16
"""Bytes of a JPEG file that are searched for an orientation in XMP: what one segment can hold."""

_JPEG = b"\xff\xd8\xff"


class CorruptImageError(UserError):
    """An image file that cannot be decoded, or is not to be for its size.

    Attributes:
        path: the path of the file.
        reason: the message of the decoder.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the image {path} cannot be read ({reason})",
            remedy="replace it, or let the dataset leave such images out by {corrupt}=skip",
            involves=["corrupt"],
        )
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.path, self.reason)


@dataclass(frozen=True)
class Reading:
    """How image files are read, said once for all files of a dataset.

    Args:
        max_pixels: pixels, height times width, above which an image is refused rather than decoded into memory.
        grey: what is black and what is white where there are more than 8 bits a channel; None: for each image by its own depth.

    Raises:
        UserError: no pixels.
    """

    max_pixels: int = MAX_PIXELS
    grey: GreyRange | None = None

    def __post_init__(self) -> None:
        if isinstance(self.max_pixels, bool) or not isinstance(self.max_pixels, int) or self.max_pixels < 1:
            raise UserError(key="max_pixels", value=self.max_pixels, expected="a whole number, 1 or more")


USUAL = Reading()
"""How files are read where nothing is said."""

_OF_SYSTEM = frozenset([*map(os.strerror, errno.errorcode), MemoryError.__name__])
"""Reasons that are not the file's: no permission, a disk that fails, too many open files, no memory."""


def decode(path: str | PathLike[str], reading: Reading = USUAL) -> Image.Image:
    """Return an image, wholly decoded, mode RGB, turned as its EXIF orientation says.

    Transparency is dropped, and the first frame counts. More than 8 bits a channel (16 bits of colour; 16 and 32 bits and
    floating point of grey) are scaled to 8 by the range of ``reading``, without one by the number of bits that the file states
    or else the values take; see :func:`~zen_lightning.data.grey.grey_levels`.

    Raises:
        CorruptImageError: the file cannot be decoded to its end, or has too many pixels.
    """
    return Image.fromarray(decode_pixels(path, reading))


def decode_pixels(path: str | PathLike[str], reading: Reading = USUAL) -> Pixels:
    """Return an image as :func:`decode` does, as an array (height, width, 3).

    JPEG files are decoded by torchvision: the same library (libjpeg-turbo) with the same settings, hence the same bits as from
    Pillow, in three quarters of the time. All others, and JPEG files that torchvision refuses, are decoded by Pillow.

    Raises:
        CorruptImageError: as for :func:`decode`.
    """
    try:
        size = require_file(path).st_size
        check_bytes(size, reading.max_pixels)
        if size > _LARGE:
            opened(path, reading.max_pixels).close()
        content = np.fromfile(path, dtype=np.uint8)
        if len(content) < size:  # NumPy says nothing of a disk that fails.
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
    except Exception as error:  # Pillow raises a dozen kinds of exceptions on damaged heads.
        raise CorruptImageError(str(path), _reason(error, str(path))) from error
    return decode_content(content, str(path), reading)


def decode_content(content: NDArray[np.uint8], path: str, reading: Reading = USUAL) -> Pixels:
    """Return the image that the bytes of a file hold, as :func:`decode_pixels` does; errors as there.

    Args:
        content: the bytes; writable, or torch warns of it.
        path: what the error calls the file.
        reading: how it is read.
    """
    try:
        found = _jpeg(content, reading) if content[: len(_JPEG)].tobytes() == _JPEG else None
        if found is not None:
            return found
        with opened(io.BytesIO(content.tobytes()), reading.max_pixels) as file:
            return as_rgb(file, reading)
    except Exception as error:  # Pillow raises a dozen kinds of exceptions on damaged files.
        raise CorruptImageError(path, _reason(error, path)) from error


def check_bytes(size: int, max_pixels: int) -> None:
    """Raise a ValueError where a file of an image has more bytes than are read into memory; more pixels may have more."""
    most = max(_MOST_BYTES, _BYTES_A_PIXEL * max_pixels)
    if size > most:
        what = f"the file is larger than {most >> 20:,} MiB, and max_pixels is {max_pixels}"
        raise ValueError(f"{what}: raise it to {-(-size // _BYTES_A_PIXEL)} to read such files")


def _reason(error: Exception, path: str) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "cannot identify image file"  # Without the address of the buffer.
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # Without its number, and the path, which is told already.
    return first_line(error).replace(f": {path!r}", "").replace(f" {path!r}", "")


def is_of_system(reason: str) -> bool:
    """Return whether the reason why an image cannot be read is one of the system, which may be gone at the next try.

    Example:
        >>> is_of_system(os.strerror(errno.EACCES)), is_of_system("cannot identify image file")
        (True, False)
    """
    return reason in _OF_SYSTEM


def opened(file: io.BytesIO | str | PathLike[str], max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Return an image of which the head has been read, and no more.

    Raises:
        OSError: as Pillow does, which has many kinds of errors.
        ValueError: it has too many pixels.
    """
    image = open_unlimited(file)
    _check_size(*image.size, max_pixels)
    return image


def as_rgb(image: Image.Image, reading: Reading = USUAL) -> Pixels:
    """Return an image of Pillow's, of any mode, as an array (height, width, 3), turned as its EXIF orientation says.

    Args:
        image: any. Of colours of 16 bits Pillow keeps the upper 8 when it decodes: only where it has not yet, the others count.
        reading: how it is read.

    Raises:
        ValueError: a mode that Pillow cannot convert.
    """
    colours = deep_colour(image)
    if colours is not None:
        return colours.levels(reading.grey)
    negative = _is_negative(image)
    stated = stated_bits(image) if image.mode.startswith(_DEEP) else None
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(_DEEP):
        levels_hw = grey_levels(np.asarray(image), reading.grey, stated)
        levels_hw = 255 - levels_hw if negative else levels_hw
        return np.repeat(levels_hw[:, :, None], 3, axis=2)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return np.asarray(image.convert("RGB"))


def deep_extent(image: Image.Image) -> Extent | None:
    """Return the values of an image of more than 8 bits a channel; None for other images; errors as for :func:`as_rgb`."""
    if image.mode.startswith(_DEEP):
        stated = stated_bits(image)
        return Extent.of(np.asarray(image), stated)
    colours = deep_colour(image)
    return None if colours is None else colours.extent()


def _is_negative(image: Image.Image) -> bool:
    """Whether 0 is white in a TIFF file of deep grey, which Pillow turns round for 8 bits alone."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and image.mode.startswith(_DEEP) and tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO


def _check_size(width: int, height: int, most: int) -> None:
    if width * height > most:
        what = f"it has {width:,} x {height:,} = {width * height:,} pixels"
        raise ValueError(f"{what}, and max_pixels is {most}: raise it to read such images")


def _jpeg(content: NDArray[np.uint8], reading: Reading) -> Pixels | None:
    """Return the pixels of a grey or coloured JPEG file; None for what is left to Pillow: damaged files, CMYK, XMP."""
    # Here, because a source alone loads no torch.
    import torch
    from torchvision.io import ImageReadMode, decode_jpeg

    head = content[:_HEAD].tobytes()
    size = jpeg_pixels(content)
    if size is None or _XMP_ORIENTATION in head:
        return None
    _check_size(*size, reading.max_pixels)
    try:
        image_chw = decode_jpeg(torch.from_numpy(content), ImageReadMode.UNCHANGED, apply_exif_orientation=True)
    except RuntimeError:
        return None
    if image_chw.shape[0] == 1:
        image_chw = image_chw.expand(3, -1, -1)
    if image_chw.shape[0] != 3:
        return None
    # Torchvision's memory is height, width, channel: no copy is made of coloured images.
    pixels: Pixels = image_chw.permute(1, 2, 0).contiguous().numpy()
    return pixels
