"""Writes images with 16 bits a channel of colour, which Pillow does not write: PNG, TIFF and PPM."""

import struct
import zlib
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

_ORIENTATION = 274
"""The tag of TIFF, and of EXIF."""

_SHORT, _LONG, _DEFLATE, _RGB, _APART, _ALPHA = 3, 4, 8, 2, 2, 2
"""Types and values of TIFF: https://www.loc.gov/preservation/digital/formats/content/tiff_tags.shtml."""

_PNG_TYPES = {2: 4, 3: 2, 4: 6}
"""The type of colour of PNG by the number of channels: grey with transparency, RGB, RGBA."""


class Kind(NamedTuple):
    """How 16 bits of colour are written.

    Attributes:
        format: as Pillow calls it.
        channels: 2: grey with transparency; 3: RGB; 4: RGBA.
        order: of bytes, ``<`` or ``>``, of TIFF.
        packed: whether TIFF is compressed.
        apart: whether in TIFF channels lie one after the other.
    """

    format: str
    channels: int = 3
    order: str = ">"
    packed: bool = False
    apart: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether Pillow gives the upper 8 bits alone, and nothing makes it give the others."""
        return self.packed and self.apart


KINDS = (
    *(Kind("PNG", channels) for channels in _PNG_TYPES),
    *(Kind("TIFF", *more) for more in product((3, 4), "<>", (False, True), (False, True))),
    Kind("PPM"),
)


def write(path: Path, values: NDArray[Any], kind: Kind, orientation: int = 1) -> None:
    """Write an image.

    Args:
        path: the file.
        values: whole numbers below 65536 (height, width, channels).
        kind: how.
        orientation: of EXIF; PPM has none.
    """
    height, width, channels = values.shape
    assert channels == kind.channels
    if kind.format == "PPM":
        path.write_bytes(b"P6 %d %d 65535\n" % (width, height) + values.astype(">u2").tobytes())
    elif kind.format == "PNG":
        path.write_bytes(_png(values, orientation))
    else:
        path.write_bytes(_tiff(values, kind, orientation))


def _png(values: NDArray[Any], orientation: int) -> bytes:
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    tags = _directory([(_ORIENTATION, _SHORT, [orientation])], ">", b"")
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 16, _PNG_TYPES[channels], 0, 0, 0),
        b"eXIf": tags,
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    written = [
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _tiff(values: NDArray[Any], kind: Kind, orientation: int) -> bytes:
    height, width, channels = values.shape
    typed = values.astype(f"{kind.order}u2")
    parts = [typed[:, :, channel] for channel in range(channels)] if kind.apart else [typed]
    strips = [zlib.compress(part.tobytes()) if kind.packed else part.tobytes() for part in parts]
    tags: list[tuple[int, int, list[int]]] = [
        *((256, _LONG, [width]), (257, _LONG, [height]), (258, _SHORT, [16] * channels)),
        *((259, _SHORT, [_DEFLATE if kind.packed else 1]), (262, _SHORT, [_RGB]), (273, _LONG, [0] * len(strips))),
        *((_ORIENTATION, _SHORT, [orientation]), (277, _SHORT, [channels]), (278, _LONG, [height])),
        *((279, _LONG, [len(strip) for strip in strips]), (284, _SHORT, [_APART if kind.apart else 1])),
        *([(338, _SHORT, [_ALPHA])] if channels > 3 else []),
    ]
    begin = len(_directory(tags, kind.order, b""))
    tags[5] = (273, _LONG, [begin + sum(map(len, strips[:number])) for number in range(len(strips))])
    return _directory(tags, kind.order, b"".join(strips))


def _directory(tags: list[tuple[int, int, list[int]]], order: str, content: bytes) -> bytes:
    """Return a file of TIFF: head, directory, values that do not fit into it, content."""
    entries, far = b"", b""
    after = 8 + 2 + 12 * len(tags) + 4
    for tag, kind, numbers in tags:
        value = struct.pack(order + ("H" if kind == _SHORT else "I") * len(numbers), *numbers)
        if len(value) > 4:
            far, value = far + value, struct.pack(f"{order}I", after + len(far))
        entries += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + value.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(tags))
    return head + entries + bytes(4) + far + content
