"""Colours of more than 8 bits a channel, of which Pillow keeps the upper 8: both bytes, by decoding a file twice."""

import io
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from zen_lightning.data.grey import Extent, GreyRange, grey_levels
from zen_lightning.data.opening import open_unlimited
from zen_lightning.data.stated_depth import stated_bits

_BITS = 16
_FULL = GreyRange(0, 1 << _BITS)
"""The range of 16 bits, of which the levels are the upper bytes: what Pillow gives."""

_NARROW = 1 << 4
"""Upper bytes below this hold values of 12 bits and fewer, which are another range by themselves."""

_COLOURS = ("RGB", "RGBA", "RGBX", *"RGBA")
"""Pillow's raw modes of 16 bits that have a twin of the other order of bytes, which decodes the lower ones."""

_LOST = ("RGBa;16", "CMYK;16")
"""Those of TIFF whose lower bytes cannot be had so: Pillow divides colours by transparency, or turns them round."""

_TIFF_BITS, _TIFF_PLANES, _APART = 258, 284, 2
"""Tags of bits a channel, and of planes, and its value where channels lie one after the other:
https://www.loc.gov/preservation/digital/formats/content/tiff_tags.shtml."""

_JPEG2000_SIZE, _JPEG2000_BITS, _JPEG2000_HEAD = b"\xff\x4f\xff\x51", 42, 1 << 16
"""How a JPEG 2000 codestream begins, where it says its bits (ISO/IEC 15444-1, table A.9), and how far to look for it."""


class _Half(NamedTuple):
    """What decodes one byte of the two of each value: Pillow's tiles, and the channels that hold it."""

    tiles: list[Any]
    channels: tuple[int, int, int] = (0, 1, 2)


class DeepColour:
    """A file with colours of more than 8 bits a channel.

    Args:
        content: the bytes of the file.
        halves: what decodes the upper and the lower bytes; None: only the upper ones can be had, as Pillow gives them.
        page: which of several images in the file.
        stated: the bits that the file states; None: it states none.
    """

    def __init__(self, content: bytes, halves: tuple[_Half, _Half] | None, page: int = 0, stated: int | None = None) -> None:
        self._content, self._halves, self._page, self._stated = content, halves, page, stated

    def levels(self, over: GreyRange | None) -> NDArray[np.uint8]:
        """Return the colours as 8 bits (height, width, 3), turned as EXIF says, without transparency.

        Args:
            over: what is black and white; None: by the depth that these values take.

        Raises:
            ValueError: the values fill 12 bits or fewer of 16, and the lower bytes cannot be had.
        """
        upper = self._upper()
        if over == _FULL or (over is None and (self._stated or _BITS) >= _BITS and int(upper.max()) >= _NARROW):
            return upper
        return grey_levels(self._values(upper), over, self._stated)

    def extent(self) -> Extent:
        """Return the smallest and the largest value; errors as for :meth:`levels`."""
        return Extent.of(self._values(self._upper()), self._stated)

    def _upper(self) -> NDArray[np.uint8]:
        if self._halves is not None:
            return self._decoded(self._halves[0])
        image = ImageOps.exif_transpose(self._opened())
        upper = np.asarray(image.convert("RGB"))
        if int((np.asarray(image) if image.mode == "CMYK" else upper).max()) <= _NARROW:  # PPM rounds.
            what = "it has more than 8 bits a channel, of which only the upper 8 can be read in this format"
            raise ValueError(f"{what}, and these are at most {_NARROW} of 255: save it as PNG, or with 8 bits")
        return upper

    def _values(self, upper: NDArray[np.uint8]) -> NDArray[np.uint16]:
        values: NDArray[np.uint16] = upper.astype(np.uint16) * 256
        return values if self._halves is None else values + self._decoded(self._halves[1])

    def _opened(self) -> ImageFile.ImageFile:
        image = open_unlimited(io.BytesIO(self._content))
        assert isinstance(image, ImageFile.ImageFile)
        if self._page:
            image.seek(self._page)
        return image

    def _decoded(self, half: _Half) -> NDArray[np.uint8]:
        image = self._opened()
        image.tile = half.tiles
        return np.ascontiguousarray(np.asarray(ImageOps.exif_transpose(image))[:, :, half.channels])


def deep_colour(image: Image.Image) -> DeepColour | None:
    """Return what decodes an image of Pillow's in 16 bits; None where it has 8, or is grey, or was decoded before.

    Args:
        image: opened, not yet decoded; its place in the file stays.
    """
    if not isinstance(image, ImageFile.ImageFile) or not image.tile or image.fp is None:
        return None
    halves = _halves(image)
    if halves is None and not _is_lost(image):
        return None
    return DeepColour(_content(image.fp), halves, image.tell(), stated_bits(image))


def _content(file: Any) -> bytes:
    at = file.tell()
    file.seek(0)
    content: bytes = file.read()
    file.seek(at)
    return content


def _halves(image: ImageFile.ImageFile) -> tuple[_Half, _Half] | None:
    upper: list[Any] = []
    lower: list[Any] = []
    for tile in image.tile:
        codec, extents, offset, args = tile
        rawmode, *more = (args,) if isinstance(args, str) or args is None else args
        if rawmode == "LA;16B":  # Four bytes a pixel: as four channels, the first two are both bytes of grey.
            both = [_like(tile, codec, extents, offset, "RGBA")]
            return _Half(both, (0, 0, 0)), _Half(both, (1, 1, 1))
        if codec == "ppm" and (rawmode, *more) == ("RGB", _FULL.high - 1):
            codec, rawmode, more = "raw", "RGB;16B", [0, 1]
        elif codec == "raw" and rawmode in ("R", "G", "B", "A") and _is_sixteen(image):
            rawmode += f";16{'B' if image.tag_v2.prefix == b'MM' else 'L'}"  # type: ignore[attr-defined]  # Of TIFF.
        channels, _, order = str(rawmode).partition(";16")
        if codec == "libtiff" and image.tag_v2.get(_TIFF_PLANES) == _APART:  # type: ignore[attr-defined]
            return None  # Its decoder chooses the order of bytes by itself.
        order = ("L" if sys.byteorder == "little" else "B") if order == "N" else order
        if channels not in _COLOURS or order not in ("L", "B"):
            return None
        for tiles, byte_order in ((upper, order), (lower, "LB"[order == "L"])):
            found = f"{channels};16{byte_order}"
            tiles.append(_like(tile, codec, extents, offset, (found, *more) if more else found))
    return _Half(upper), _Half(lower)


def _like(tile: Any, *parts: Any) -> Any:
    """Return a tile of the same type: a named tuple since Pillow 11, a tuple before."""
    return getattr(tile, "_make", tuple)(parts)


def _is_sixteen(image: ImageFile.ImageFile) -> bool:
    tags = getattr(image, "tag_v2", None)
    return tags is not None and set(tags.get(_TIFF_BITS, ())) == {16}


def _is_lost(image: ImageFile.ImageFile) -> bool:
    """Whether a file has more than 8 bits of colour, of which only the upper ones can be had."""
    codec, _, _, args = image.tile[0]
    if codec == "jpeg2k" and image.mode in ("LA", "RGB", "RGBA"):
        head = _content(image.fp)[:_JPEG2000_HEAD]
        at = head.find(_JPEG2000_SIZE) + _JPEG2000_BITS
        return at >= _JPEG2000_BITS and at < len(head) and (head[at] & 0x7F) + 1 > 8
    if codec == "ppm_plain" and image.mode == "RGB":
        return isinstance(args, tuple) and args[-1] == _FULL.high - 1
    rawmode = str(args if isinstance(args, str) else args[0] if args else "")
    return codec == "SGI16" or rawmode.startswith(_LOST) or (codec == "libtiff" and ";16" in rawmode and image.mode in _COLOURS)
