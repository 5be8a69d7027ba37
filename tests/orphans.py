"""Processes whose parent is killed: what became of them."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

LIMIT = 120.0
"""Seconds that a process may take on a machine that does much else."""


def start(script: str, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Run a script with this project and the modules of the tests at hand; it begins in a session of its own."""
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        env={**os.environ, "PYTHONPATH": path, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    """Return the first line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ends(pid: int) -> bool:
    """Wait until a process has ended; return whether it did."""
    deadline = time.monotonic() + LIMIT
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)
