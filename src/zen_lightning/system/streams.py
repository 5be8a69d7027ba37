"""Standard input, output and errors: closed, set not to block, or of a terminal that goes away."""

import errno
import io
import os
import select
import sys
from typing import Any

_MODES = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


class _Stream(io.FileIO):
    """Writes to a terminal or pipe: waits for it where it does not block, and writes nowhere when the terminal is gone."""

    def write(self, data: Any) -> int:
        """Write all bytes, and return how many they are."""
        rest = memoryview(data).cast("B")
        while rest:
            written = self._write_some(rest)
            rest = rest[written:]
        return memoryview(data).nbytes

    def _write_some(self, data: memoryview) -> int:
        try:
            written: int | None = super().write(data)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            _open_null(self.fileno())
            return len(data)
        if written is None:  # It is full.
            select.select([], [self], [])
        return written or 0


def ready_streams() -> None:
    """Have what is printed never be a reason to end, unless the reader of a pipe has gone.

    Where a standard stream is closed, as a shell does with ``>&-``, ``/dev/null`` is opened. What is printed is lost then, as
    was asked for; and no file that is opened later gets the number of the stream, to which libraries and processes that are
    started may write.

    A pipe or terminal that does not block, as some programs leave theirs, is waited for: Python loses what is printed while it
    is full, or raises an error. It is not made to block, as whoever started this process has the same one.

    What is printed after a terminal was closed is lost. Most commands end with it, by SIGHUP; those that a shell was told to
    leave running (``nohup``, ``disown``) go on.
    """
    for number, (name, mode) in enumerate(_MODES):
        try:
            os.fstat(number)
        except OSError:
            _open_null(number)
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115 (as long as the process)
        elif mode == "w" and type(stream) is io.TextIOWrapper and os.name == "posix" and _needs_care(number):
            raw: Any = _Stream(number, mode, closefd=False)
            buffer = raw if isinstance(stream.buffer, io.RawIOBase) else io.BufferedWriter(raw)  # Raw: PYTHONUNBUFFERED.
            lines, through = stream.line_buffering, stream.write_through
            kept = io.TextIOWrapper(buffer, stream.encoding, stream.errors, line_buffering=lines, write_through=through)
            setattr(sys, name, kept)


def _needs_care(number: int) -> bool:
    return os.isatty(number) or not os.get_blocking(number)


def _open_null(number: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    os.set_inheritable(number, True)  # Processes that are started need it as this one does.
