"""When the processes of one training were started."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

_OF_MANY = ("LOCAL_RANK", "SLURM_PROCID")
_SLACK_SECONDS = 2.0
"""Subtracted from the start. /proc/stat gives the time of the boot to a second; a choice: one second more to be safe."""


def launched_since(environment: Mapping[str, str] = os.environ) -> float:
    """Return since when another process of the same training may have done this one's work, in seconds since 1970.

    That is the start of torchrun's, SLURM's or Lightning's process that started this one; now, where this process is alone or
    its parent's start is not known.
    """
    if not any(name in environment for name in _OF_MANY):
        return time.time()
    try:
        # proc(5): the fields after the name, which is in parentheses; the 22nd is the start in clock ticks since the boot.
        status = Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        return int(boot.split()[1]) + int(status[19]) / os.sysconf("SC_CLK_TCK") - _SLACK_SECONDS
    except (OSError, ValueError, IndexError, StopIteration):
        return time.time()
