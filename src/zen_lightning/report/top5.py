"""Where top-5 is worth showing."""

_FIRST = 5
"""Classes whose being among the first counts."""


def top5_tells(num_classes: int | None) -> bool:
    """Whether top-5 can be below 100%: not with five classes or fewer. Where their number is not known, it may be.

    Example:
        >>> top5_tells(5), top5_tells(6), top5_tells(None)
        (False, True, True)
    """
    return num_classes is None or num_classes > _FIRST
