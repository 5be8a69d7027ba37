"""Processes end with the one that started them."""

import os
import sys
import threading
from pathlib import Path

import pytest

from orphans import ends, first_line, is_alive, start
from zen_lightning.system.parent import this_process

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")

PARENT = """
import subprocess, sys
from zen_lightning.system.parent import this_process
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(this_process().pid), sys.argv[2]], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""
CHILD = """
import ctypes, sys, time
from zen_lightning.system.parent import Parent, end_with
end_with(Parent(int(sys.argv[1]), lasts=sys.argv[2] == "lasts"))
print("ready", flush=True)
{work}
"""


@pytest.mark.parametrize(
    ("lasts", "work"),
    [
        ("lasts", "time.sleep(600)"),
        ("ends", "time.sleep(600)"),
        pytest.param(
            "lasts",
            "ctypes.PyDLL(None).sleep(600)",  # Python's lock is held: no thread of Python runs.
            marks=pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux kills such a process"),
        ),
    ],
)
def test_a_process_ends_when_its_parent_is_killed(lasts: str, work: str) -> None:
    parent = start(PARENT, CHILD.format(work=work), lasts)
    child = int(first_line(parent))
    assert is_alive(child)
    parent.kill()
    parent.communicate()
    assert ends(child)


@pytest.mark.parametrize("lasts", ["lasts", "ends"])
def test_a_process_whose_parent_is_gone_before_it_asks_ends_at_once(lasts: str) -> None:
    child = start(CHILD.format(work="time.sleep(600)"), str(2**22), lasts)
    assert child.communicate(timeout=60) == ("", "")
    assert child.returncode == 1


def test_only_the_main_thread_lasts_as_long_as_its_process() -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(this_process()))
    thread.start()
    thread.join()
    assert [this_process(), *found] == [(os.getpid(), True), (os.getpid(), False)]
