"""Whether an error came of a full disk."""

import errno


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether an error, or one that it was raised from or while handling, is that of a full disk.

    Example:
        >>> is_full_disk(OSError(errno.ENOSPC, "No space left on device")), is_full_disk(OSError(errno.EACCES, "denied"))
        (True, False)
    """
    seen = set()
    while error is not None and id(error) not in seen:  # An error that is raised again may come to stand before itself.
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return True
        error = error.__cause__ or error.__context__
    return False
