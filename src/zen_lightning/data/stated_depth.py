"""How many bits of a deep image are used, where its file says so."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

_FULL, _BYTE = 16, 8

_TIFF_BITS, _TIFF_LARGEST, _TIFF_LARGEST_SIGNED = 258, 281, 341
"""BitsPerSample, MaxSampleValue and SMaxSampleValue:
https://www.loc.gov/preservation/digital/formats/content/tiff_tags.shtml."""

_PNG, _PNG_CHUNK = b"\x89PNG\r\n\x1a\n", struct.Struct(">I4s")
_JPEG2000_SIZE, _JPEG2000_BITS, _HEAD = b"\xff\x4f\xff\x51", 42, 1 << 16
"""How a JPEG 2000 codestream begins, where it says its bits (ISO/IEC 15444-1, table A.9), and how far to look for it."""


def stated_bits(image: Image.Image) -> int | None:
    """Return how many bits of each value a file says that it uses; None where it says nothing beyond its type.

    TIFF has tags for the largest value, which count where it is 2^n - 1, or packs 12 bits. PNG has ``sBIT``. JPEG 2000 and PGM
    state a precision or a largest value, and Pillow scales what is smaller to 16 bits: it is 16 then, however dark an image is.

    Args:
        image: of grey or colours of more than 8 bits, as opened: its head is looked at, and its place in the file kept.
    """
    tags = getattr(image, "tag_v2", None)
    if tags is not None:
        return _of_tiff(tags)
    if not isinstance(image, ImageFile.ImageFile) or image.fp is None:
        return None
    if image.format == "PNG":
        return _of_png(_head(image))
    if image.format == "JPEG2000":
        head = _head(image)
        at = head.find(_JPEG2000_SIZE) + _JPEG2000_BITS
        return _FULL if _JPEG2000_BITS <= at < len(head) and _BYTE < (head[at] & 0x7F) + 1 < _FULL else None
    if image.format == "PPM" and image.tile:
        codec, _, _, args = image.tile[0]
        largest = args[-1] if codec.startswith("ppm") and isinstance(args, tuple) else None
        return _FULL if isinstance(largest, int) and (1 << _BYTE) <= largest < (1 << _FULL) - 1 else None
    return None


def used_bits(stated: int | None, values: NDArray[Any]) -> int | None:
    """Return the bits that values use, after what their file states; None where it does not settle it.

    The standard of PNG has values of fewer bits scaled to 16, with ``sBIT`` to tell; many programs write them as they are,
    which shows in values that no scaling gives. Where values exceed the stated bits and are not scaled either, what the file
    states is wrong: an ``sBIT`` that a program has kept from an image of 8 bits.

    Args:
        stated: what :func:`stated_bits` found.
        values: whole numbers, as decoded.

    Example:
        >>> import numpy as np
        >>> used_bits(10, np.array([0, 1, 700])), used_bits(10, np.array([0, 64, 65535])), used_bits(10, np.array([0, 64]))
        (10, 16, None)
        >>> used_bits(8, np.array([0, 257, 65535])), used_bits(8, np.array([0, 1, 2935]))
        (16, None)
    """
    if stated is None or stated >= _FULL or not values.size:
        return stated
    if int(values.min()) < 0:
        return None
    if int(values.max()) >= 1 << stated:
        return _FULL if _are_scaled(values, stated) else None
    return stated if _has_lower_bits(values, stated) else None


def _has_lower_bits(values: NDArray[Any], stated: int) -> bool:
    """Whether values use bits that are 0 where values of ``stated`` bits have been shifted to the upper end of 16."""
    return bool((values & ((1 << (_FULL - stated)) - 1)).any())


def _are_scaled(values: NDArray[Any], stated: int) -> bool:
    """Whether values of 16 bits are those of ``stated`` bits, shifted, multiplied or with their bits repeated.

    Multiplied and rounded, and with bits repeated, a value differs by at most 1 (PNG, third edition, section 12.4).
    """
    if not _has_lower_bits(values, stated):
        return True
    factor = ((1 << _FULL) - 1) / ((1 << stated) - 1)
    scaled = np.rint(np.rint(values / factor) * factor)
    return bool((np.abs(scaled - values) <= 1).all())


def _of_tiff(tags: Any) -> int | None:
    for tag in (_TIFF_LARGEST, _TIFF_LARGEST_SIGNED):
        found = tags.get(tag)
        largest = max(found, default=0) if isinstance(found, tuple) else found
        # TIFF 6.0 defines it as the largest value that is used: only a full one, such as 1023, is that of a depth.
        if isinstance(largest, int | float) and (1 << _BYTE) <= largest < (1 << _FULL) - 1 and _is_full(int(largest)):
            return int(largest).bit_length()
    bits = tags.get(_TIFF_BITS, ())
    deepest = max(bits, default=0) if isinstance(bits, tuple) else bits
    return deepest if isinstance(deepest, int) and _BYTE < deepest < _FULL else None


def _is_full(largest: int) -> bool:
    return largest & (largest + 1) == 0


def _of_png(head: bytes) -> int | None:
    at = len(_PNG)
    while head.startswith(_PNG) and at + _PNG_CHUNK.size <= len(head):
        length, name = _PNG_CHUNK.unpack_from(head, at)
        at += _PNG_CHUNK.size
        if name == b"IDAT":
            return None
        if name == b"sBIT":
            bits = max(head[at : at + min(length, 4)], default=0)
            return bits if 0 < bits < _FULL else None
        at += length + 4
    return None


def _head(image: ImageFile.ImageFile) -> bytes:
    assert image.fp is not None
    at = image.fp.tell()
    image.fp.seek(0)
    head: bytes = image.fp.read(_HEAD)
    image.fp.seek(at)
    return head
