"""The range of a dataset's images of more than 8 bits: one for all, so that equal values stay equal from image to image."""

import sys
from collections.abc import Callable, Sequence

from PIL import Image

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.decode import deep_extent
from zen_lightning.data.grey import Extent
from zen_lightning.system.cores import available_cores
from zen_lightning.system.live_bar import with_bar
from zen_lightning.system.processes import is_main_process

ENDINGS = (
    *(".apng", ".j2c", ".j2k", ".jp2", ".jpc", ".jpf", ".jpx", ".pfm", ".pgm", ".png", ".pnm", ".ppm", ".sgi", ".tif"),
    ".tiff",
)
"""Endings of formats that hold more than 8 bits a channel: the others need not be opened to know that they do not."""

_NEVER = (b"\xff\xd8\xff", b"RIFF")
"""How JPEG and WebP files begin, which hold 8 bits."""

_PNG, _PNG_DEPTH, _DEEPEST = b"\x89PNG", 24, 16
"""How PNG files begin, where they say the bits of a channel, and the most of them (https://www.w3.org/TR/png-3/#11IHDR)."""

HEAD = _PNG_DEPTH + 1
"""Bytes that :func:`may_be_deep` looks at."""


def may_be_deep(head: bytes) -> bool:
    """Whether a file that begins so may have more than 8 bits a channel, and must be opened to know.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> def head(mode: str, name: str) -> bytes:
        ...     file = io.BytesIO()
        ...     Image.new(mode, (3, 2)).save(file, name)
        ...     return file.getvalue()[:HEAD]
        >>> [may_be_deep(head(*kind)) for kind in (("RGB", "JPEG"), ("RGB", "PNG"), ("I;16", "PNG"), ("RGB", "TIFF"))]
        [False, False, True, True]
    """
    if head.startswith(_PNG):
        return head[_PNG_DEPTH:HEAD] == bytes([_DEEPEST])
    return not head.startswith(_NEVER)


def measured_extent(chosen: Sequence[int], opened_at: Callable[[int], Image.Image]) -> Extent | None:
    """Return the values of images of more than 8 bits a channel over a set of images; None where there are none.

    Args:
        chosen: which of them to open; only those of more than 8 bits are decoded.
        opened_at: opens one. Where that fails, it does not count: it is told when it is read for a training.
    """

    def extent(index: int) -> Extent | None:
        try:
            with opened_at(index) as file:
                return deep_extent(file)
        except Exception:  # Of many kinds on damaged files.
            return None

    found = bounded_map(extent, chosen, available_cores())
    parts = with_bar(found, len(chosen), "measuring ranges", "images") if chosen else found
    return Extent.over(part for part in parts if part is not None)


def tell(extent: Extent) -> None:
    """Say which values become black and white."""
    if not is_main_process():
        return
    written = "{:,.0f}" if extent.whole else "{:.6g}"
    low, high = written.format(extent.low), written.format(extent.high)
    what = f"images of more than 8 bits a channel, with values from {low} to {high}"
    stated = f" ({extent.bits} bits, as the files say)" if extent.bits and extent.range.high == 2**extent.bits else ""
    print(f"{what}: grey_range={extent.range} for all{stated}", file=sys.stderr, flush=True)
