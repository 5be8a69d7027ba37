"""Standard input, output and errors: closed, set not to block, or of a terminal that goes away."""

import errno
import io
import os
import sys
from typing import Any

_MODES = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


class _OfTerminal(io.FileIO):
    """Writes to a terminal; when that is gone, nowhere."""

    def write(self, data: Any) -> int:
        """Write bytes, and return how many were written."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            _open_null(self.fileno())
            return super().write(data)


def ready_streams() -> None:
    """Have what is printed never be a reason to end, unless the reader of a pipe has gone.

    Where a standard stream is closed, as a shell does with ``>&-``, ``/dev/null`` is opened. What is printed is lost then, as
    was asked for; and no file that is opened later gets the number of the stream, to which libraries and processes that are
    started may write.

    A pipe or terminal that does not block, as some programs leave theirs, is made to: Python loses what is printed while it is
    full, or raises an error.

    What is printed after a terminal was closed is lost. Most commands end with it, by SIGHUP; those that a shell was told to
    leave running (``nohup``, ``disown``) go on.
    """
    for number, (name, mode) in enumerate(_MODES):
        try:
            os.fstat(number)
        except OSError:
            _open_null(number)
        if mode == "w" and hasattr(os, "set_blocking") and not os.get_blocking(number):
            os.set_blocking(number, True)
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115 (as long as the process)
        elif mode == "w" and type(stream) is io.TextIOWrapper and stream.isatty():
            buffer = io.BufferedWriter(_OfTerminal(number, mode, closefd=False))
            kept = io.TextIOWrapper(
                buffer, stream.encoding, stream.errors, line_buffering=True, write_through=stream.write_through
            )
            setattr(sys, name, kept)


def _open_null(number: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    os.set_inheritable(number, True)  # Processes that are started need it as this one does.
