"""One way to read an image file, used for checking, measuring and training alike."""

import io
from os import PathLike

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from zen_lightning.data.pixels import Pixels
from zen_lightning.errors import UserError

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
    """Return an image, wholly decoded, mode RGB: transparency is dropped, 16 bits of grey become 8, the first frame counts.

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
        found = _jpeg(content) if content[: len(_JPEG)].tobytes() == _JPEG else None
        if found is not None:
            return found
        with Image.open(io.BytesIO(content.tobytes())) as file:
            return np.asarray(_rgb(file))
    except Exception as error:  # Pillow raises a dozen kinds of exceptions on damaged files.
        reason = str(error).partition("\n")[0] or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            reason = "cannot identify image file"  # Without the address of the buffer.
        raise CorruptImageError(str(path), reason.replace(f": {str(path)!r}", "").replace(f" {str(path)!r}", "")) from error


def _jpeg(content: NDArray[np.uint8]) -> Pixels | None:
    """Return the pixels of a grey or coloured JPEG file; None for what is left to Pillow: damaged files and CMYK."""
    # Here, because a source alone loads no torch.
    import torch
    from torchvision.io import ImageReadMode, decode_jpeg

    try:
        image_chw = decode_jpeg(torch.from_numpy(content), ImageReadMode.UNCHANGED)
    except RuntimeError:
        return None
    if image_chw.shape[0] == 1:
        image_chw = image_chw.expand(3, -1, -1)
    if image_chw.shape[0] != 3:
        return None
    # Torchvision's memory is height, width, channel: no copy is made of coloured images.
    pixels: Pixels = image_chw.permute(1, 2, 0).contiguous().numpy()
    return pixels


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        grey = np.asarray(image).astype(np.int64)
        return Image.fromarray((grey.clip(0, 65535) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")
