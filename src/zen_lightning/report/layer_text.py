"""Shapes, memory and receptive fields of layers as text."""

from collections.abc import Sequence


def shape_text(shape: Sequence[int]) -> str:
    """Return the shape of a feature map, or of a vector.

    Example:
        >>> shape_text((64, 16, 16)), shape_text((64, 16, 8)), shape_text((10,))
        ('64 x 16²', '64 x 16 x 8', '10')
    """
    if len(shape) == 3 and shape[1] == shape[2]:
        return f"{shape[0]} x {shape[1]}²"
    return " x ".join(map(str, shape))


def memory_text(size: int) -> str:
    """Return bytes as people read them.

    Example:
        >>> memory_text(40), memory_text(262144), memory_text(12_845_056)
        ('40 B', '256 KiB', '12.2 MiB')
    """
    if size < 2**10:
        return f"{size} B"
    return f"{size / 2**10:.3g} KiB" if size < 1000 * 2**10 else f"{size / 2**20:.3g} MiB"


def field_text(field: int | None) -> str:
    """Return a receptive field in pixels.

    Example:
        >>> field_text(7), field_text(None)
        ('7 px', 'all')
    """
    return "all" if field is None else f"{field} px"
