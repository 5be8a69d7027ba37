"""Run as a script: waits for the end of the process that started it, and kills what that left behind.

    python -I -S end_marked.py NAME=VALUE

It reads its standard input. Where that says ``ended``, nothing is left to do. Where it ends without, the process on its other
side was killed, and all processes with this variable in their environment are killed, too. It imports nothing but a few
modules of the standard library, so that it is there at once and costs a few MB.
"""

import os
import signal
import sys
import time

ENDED = b"ended"
_LOOKS, _POLL = 5, 0.1
"""Looks in a row at which nothing is left, and seconds between two: a process may start another as it is killed. Choices."""


def marked(mark: bytes) -> list[int]:
    """Return the ids of other processes whose environment has a variable, as ``/proc`` of Linux tells it."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as environment:
                if mark in environment.read().split(b"\0"):
                    found.append(int(name))
        except OSError:  # It has ended meanwhile, or is another user's.
            continue
    return found


def main(mark: bytes) -> None:
    """Wait for the end of standard input, and kill what has the mark unless that says that all has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stdin.buffer.read() == ENDED:
        return
    empty = 0
    while empty < _LOOKS:
        left = marked(mark)
        empty = 0 if left else empty + 1
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:  # It has ended meanwhile.
                continue
        time.sleep(_POLL)


if __name__ == "__main__":
    main(os.fsencode(sys.argv[1]))
