"""Processes of stages: started in a session of their own, and ended with all that they started."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path


def start(command: list[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process as the leader of a new session, its output in a file."""
    with log.open("wb") as file:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment, start_new_session=True
        )


def end_all(leader: int) -> None:
    """Kill a process, all of its session, and all that descends from it in other sessions (compilers start such)."""
    for _ in range(20):
        members = _family(leader)
        if not members:
            return
        for pid in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _family(leader: int) -> set[int]:
    """Return the living processes of a session, and their descendants."""
    parents: dict[int, int] = {}
    members: set[int] = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # "pid (name) state ppid pgrp session ...": a name may hold blanks and brackets.
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] == "Z":
            continue
        parents[int(entry.name)] = int(fields[1])
        if int(fields[3]) == leader:
            members.add(int(entry.name))
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in members} - members
        members |= more
        grown = bool(more)
    return members - {os.getpid()}
