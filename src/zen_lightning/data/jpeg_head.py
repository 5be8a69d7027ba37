"""The size of a JPEG file, known before any of it is decoded (ISO/IEC 10918-1, annex B)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MARK = 0xFF
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of frames, of all kinds of coding; the three others of this range are tables and an extension (table B.1)."""

_SCAN = 0xDA
_FRAME_BYTES = 9
"""Marker, length, bits, height and width of a frame (figure B.3)."""


def jpeg_pixels(content: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Return width and height of a JPEG file; None where no frame is found before the first scan.

    Args:
        content: the bytes of the file.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (30, 20)).save(file, "JPEG")
        >>> jpeg_pixels(np.frombuffer(file.getvalue(), dtype=np.uint8))
        (30, 20)
    """
    at = 2
    while at + _FRAME_BYTES <= len(content):
        head: list[Any] = content[at : at + _FRAME_BYTES].tolist()
        if head[0] != _MARK:
            return None
        if head[1] == _MARK:  # Any number of these may stand before a marker.
            at += 1
            continue
        if head[1] in _FRAMES:
            return head[7] * 256 + head[8], head[5] * 256 + head[6]
        if head[1] == _SCAN:
            return None
        at += 2 + head[2] * 256 + head[3]
    return None
