"""One way to read an image file, used for checking, measuring and training alike."""

import io
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from zen_lightning.data.pixels import Pixels
from zen_lightning.errors import UserError, first_line

_DEPTHS = (8, 12, 16, 24, 32)
"""Bits of grey that files have. A choice: the depths of cameras, scanners and file formats."""

_JPEG = b"\xff\xd8\xff"


class CorruptImageError(UserError):
    """An image file that cannot be decoded.

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


def decode(path: str | PathLike[str]) -> Image.Image:
    """Return an image, wholly decoded, mode RGB, turned as its EXIF orientation says.

    Transparency is dropped, and the first frame counts. Grey of more than 8 bits (16 and 32 bits, floating point) is scaled to
    8 by the number of bits that its values take: 8, 12, 16, ... ; see :func:`grey_levels`.

    Raises:
        CorruptImageError: the file cannot be decoded to its end.
    """
    return Image.fromarray(decode_pixels(path))


def decode_pixels(path: str | PathLike[str]) -> Pixels:
    """Return an image as :func:`decode` does, as an array (height, width, 3).

    JPEG files are decoded by torchvision: the same library (libjpeg-turbo) with the same settings, hence the same bits as from
    Pillow, in three quarters of the time. All others, and JPEG files that torchvision refuses, are decoded by Pillow.

    Raises:
        CorruptImageError: the file cannot be decoded to its end.
    """
    try:
        content = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise CorruptImageError(str(path), _reason(error, str(path))) from error
    return decode_content(content, str(path))


def decode_content(content: NDArray[np.uint8], path: str) -> Pixels:
    """Return the image that the bytes of a file hold, as :func:`decode_pixels` does; errors as there.

    Args:
        content: the bytes; writable, or torch warns of it.
        path: what the error calls the file.
    """
    try:
        found = _jpeg(content) if content[: len(_JPEG)].tobytes() == _JPEG else None
        if found is not None:
            return found
        with Image.open(io.BytesIO(content.tobytes())) as file:
            return np.asarray(_rgb(file))
    except Exception as error:  # Pillow raises a dozen kinds of exceptions on damaged files.
        raise CorruptImageError(path, _reason(error, path)) from error


def _reason(error: Exception, path: str) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "cannot identify image file"  # Without the address of the buffer.
    return first_line(error).replace(f": {path!r}", "").replace(f" {path!r}", "")


def _jpeg(content: NDArray[np.uint8]) -> Pixels | None:
    """Return the pixels of a grey or coloured JPEG file; None for what is left to Pillow: damaged files and CMYK."""
    # Here, because a source alone loads no torch.
    import torch
    from torchvision.io import ImageReadMode, decode_jpeg

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


def grey_levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return grey values of any type as 8 bits.

    Files seldom say how many bits of 16 are used: cameras and scanners write 12 bits into 16, other programs 8. The range is
    therefore that of the least usual depth that holds the largest value: 8, 12, 16, 24 or 32 bits; from 0 to 1 for floating
    point that does not exceed it. Values below 0, and those that are no numbers, become 0.

    Example:
        >>> grey_levels(np.array([0, 2048, 4095], dtype=np.uint16)).tolist(), grey_levels(np.array([0.0, 0.5, 1.0])).tolist()
        ([0, 128, 255], [0, 128, 255])
    """
    exact = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(0)
    most = float(exact.max(initial=0.0))
    if values.dtype.kind == "f" and most <= 1:
        unit: NDArray[np.uint8] = np.rint(255 * exact).astype(np.uint8)
        return unit
    bits = next((depth for depth in _DEPTHS if most < 2**depth), 0)
    # Whole steps, as a shift of bits makes them: black stays black, and each grey has as many values as any other.
    levels = exact * 2.0 ** (8 - bits) if bits else 255 * exact / most
    found: NDArray[np.uint8] = np.floor(levels).clip(0, 255).astype(np.uint8)
    return found


def _rgb(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(grey_levels(np.asarray(image))).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")
