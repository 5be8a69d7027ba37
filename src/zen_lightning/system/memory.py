"""How much memory this machine has left, so that what cannot fit is refused before it is asked for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.system.memory_group import free_in_groups
from zen_lightning.system.numbers import megabytes

_COLOURS, _BYTES = 3, 4
"""Channels of an image, and bytes of each value in single precision."""

_MEMINFO = Path("/proc/meminfo")
_STATUS = Path("/proc/self/status")


def available_memory() -> int | None:
    """Return the bytes that are free on this machine, in its container and for its job; None where nothing says so."""
    return min((one for one in (_free(), free_in_groups()) if one is not None), default=None)


def too_large(needed: int) -> str | None:
    """Return how much memory is needed and free, a phrase, where it is more than there is; None where it may fit.

    Example:
        >>> too_large(1) is None, "are free" in (too_large(2**60) or "are free")
        (True, True)
    """
    free = available_memory()
    if free is None or needed <= free:
        return None
    return f"it needs {megabytes(needed)} of memory, and {megabytes(free)} are free"


def check_file_fits(path: Path, key: str) -> None:
    """Raise a UserError, about a key, where a file is larger than the memory that is free; one that is not there fits."""
    if path.is_file() and (much := too_large(path.stat().st_size)):
        raise UserError(f"{path} cannot be read: {much}", key=key)


def check_image_fits(pixels: int, key: str = "resolution") -> None:
    """Raise a UserError, about a key, where one image of so many pixels a side needs more memory than is free.

    Example:
        >>> check_image_fits(224)
    """
    much = too_large(_COLOURS * _BYTES * pixels**2)
    if much:
        raise UserError(f"for one image {much}", key=key, value=pixels, remedy="take smaller images")


class _Sparing:
    """Who limits this process at the moment: those that come while others do are held by their limit.

    Attributes:
        lock: of the others.
        count: calls that have not ended.
        before: the limit without them.
    """

    lock = threading.Lock()
    count = 0
    before = 0


@contextmanager
def spared_memory(share: float) -> Iterator[None]:
    """Let this process take no more than a share of the memory that is free, and as much as before afterwards.

    For libraries that read files of others and take whatever these ask for: the system gives them an error then, where it would
    otherwise end this process or another one. Where there is no ``/proc``, as on macOS and Windows, nothing is limited. A limit
    is one of the whole process: of calls that overlap, the first sets it, and the last to end takes it back.

    Args:
        share: of the free memory, above 0 and up to 1.
    """
    free, taken = available_memory(), _taken()
    if free is None or taken is None:
        yield
        return
    import resource  # Windows has none, and no /proc either.

    with _Sparing.lock:
        if not _Sparing.count:
            before, hardest = resource.getrlimit(resource.RLIMIT_DATA)
            most = min(one for one in (taken + int(share * free), before, hardest) if one != resource.RLIM_INFINITY)
            resource.setrlimit(resource.RLIMIT_DATA, (most, hardest))
            _Sparing.before = before
        _Sparing.count += 1
    try:
        yield
    finally:
        with _Sparing.lock:
            _Sparing.count -= 1
            if not _Sparing.count:
                _, hardest = resource.getrlimit(resource.RLIMIT_DATA)
                resource.setrlimit(resource.RLIMIT_DATA, (_Sparing.before, hardest))


def _taken() -> int | None:
    """Return the bytes that count against the limit of this process."""
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), None)


def _free() -> int | None:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    rows = [line.split() for line in lines if line.startswith(("MemAvailable:", "SwapFree:"))]
    return sum(int(row[1]) * 1024 for row in rows) if rows else None
