"""After a kill, the process that removes semaphores does so without a warning."""

import os
import warnings
from pathlib import Path

import pytest

from orphans import ends, first_line, start
from zen_lightning.system.tracker import start_tracker

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")

SCRIPT = """
import multiprocessing, time
from multiprocessing import resource_tracker
from zen_lightning.system.tracker import start_tracker
{begin}
held = multiprocessing.get_context("spawn").Semaphore()
print(resource_tracker._resource_tracker._pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(("begin", "warned"), [("start_tracker()", False), ("", True)])
def test_nothing_is_said_of_semaphores_of_a_process_that_was_killed(begin: str, warned: bool) -> None:
    held = start(SCRIPT.format(begin=begin))
    tracker = int(first_line(held))
    held.kill()
    _, err = held.communicate(timeout=120)
    assert ends(tracker)
    assert ("leaked semaphore" in err) == warned


@pytest.mark.parametrize("before", [None, "error::DeprecationWarning"])
def test_the_filters_of_this_process_stay(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    if before is not None:
        monkeypatch.setenv("PYTHONWARNINGS", before)
    with warnings.catch_warnings():
        start_tracker()
    assert os.environ.get("PYTHONWARNINGS") == before
