"""The end of a process that waits for nothing."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def end_at_once(code: int) -> NoReturn:
    """End this process with an exit code, after what was printed is written: neither threads nor libraries are waited for."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    files = sys.modules.get("zen_lightning.system.process_files")
    if files is not None:  # What multiprocessing removes as Python ends.
        files.remove_process_files()
    os._exit(code)
