"""The most memory that this process has held."""

import contextlib
import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""What resets the peak of the resident memory, proc(5)."""


def reset_peak() -> None:
    """Begin anew to look for the peak, where the system can: on Linux. Elsewhere it is that of the whole process."""
    with contextlib.suppress(OSError):
        _RESET.write_text(_RESET_PEAK)


def peak_bytes() -> int | None:
    """Return the largest resident memory of this process, in bytes, since :func:`reset_peak`; None where nothing says it.

    Processes that it started are not part of it.
    """
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows has none.
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
