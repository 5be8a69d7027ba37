"""Standard input, output and errors, where whoever started this process has closed them, or has them not block."""

import os
import sys

_MODES = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def ready_streams() -> None:
    """Open ``/dev/null`` where a standard stream is closed, as a shell does with ``>&-``.

    What is printed is lost then, as was asked for; and no file that is opened later gets the number of the stream, to which
    libraries and processes that are started may write.

    A pipe or terminal that does not block, as some programs leave theirs, is made to: Python loses what is printed while it is
    full, or raises an error.
    """
    for number, (name, mode) in enumerate(_MODES):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if mode == "w" and hasattr(os, "set_blocking") and not os.get_blocking(number):
            os.set_blocking(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115 (as long as the process)
