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


def peak_process_memory() -> int | None:
    """Return the largest resident memory of this process, in bytes, since :func:`reset_peak`; None where nothing says it.

    Processes that it started are not part of it. Linux has it of the process alone; its ``getrusage`` begins with what the
    parent had.
    """
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return _peak_by_usage()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


def _peak_by_usage() -> int | None:
    try:
        import resource
    except ImportError:  # Windows has none.
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
