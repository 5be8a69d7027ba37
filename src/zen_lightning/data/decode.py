"""One way to read an image file, used for checking, measuring and training alike."""

from os import PathLike

import numpy as np
from PIL import Image

from zen_lightning.errors import UserError


class CorruptImageError(UserError):
    """An image file that cannot be decoded.

    Attributes:
        path: of the file.
        reason: what the decoder said.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the image {path} cannot be read ({reason}); dataset.corrupt=skip leaves such images out")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.path, self.reason)


def decode(path: str | PathLike[str]) -> Image.Image:
    """Return an image, wholly decoded, mode RGB: transparency is dropped, 16 bits of grey become 8, the first frame counts.

    Raises:
        CorruptImageError: the file cannot be decoded to its end.
    """
    try:
        with Image.open(path) as file:
            return _rgb(file)
    except Exception as error:  # Pillow answers damaged files with a dozen kinds.
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CorruptImageError(str(path), reason.replace(f" {str(path)!r}", "")) from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        grey = np.asarray(image).astype(np.int64)
        return Image.fromarray((grey.clip(0, 65535) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")
