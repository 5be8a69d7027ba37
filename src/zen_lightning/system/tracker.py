"""Python's process that removes the semaphores of processes that were killed, without the warning that it writes then."""

import os
from multiprocessing import resource_tracker

from zen_lightning.system.process_files import name_process_files

_FILTER = "ignore:resource_tracker:UserWarning"
"""The warning counts semaphores that "appear to be leaked"; after a kill that is no news, and they are removed all the same."""


def start_tracker() -> None:
    """Start it, unless it runs; otherwise :mod:`multiprocessing` does so with the first process or queue."""
    if os.name != "posix":
        return  # There is none.
    name_process_files()
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, _FILTER)))
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before
