"""What was started beside the main process of a training ends when that is gone, and says so once."""

from pathlib import Path

import pytest

from orphans import ends, first_line, start
from zen_lightning.system.main_process import GONE_CODE, GONE_EARLY, MAIN_PID

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")

MAIN = """
import os, subprocess, sys
os.environ["ZEN_LIGHTNING_MAIN_PID"] = str(os.getpid())
for rank in ("1", "2"):
    os.environ["LOCAL_RANK"] = rank
    child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
    child.stdout.readline()
    print(child.pid, end=" ")
print(flush=True)
child.wait()
"""
BESIDE = """
import time
from zen_lightning.system.main_process import GONE_EARLY, WithMain
WithMain(GONE_EARLY).__enter__()
{then}
"""


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ("print('ready', flush=True); time.sleep(600)", GONE_EARLY),
        ("with WithMain('said now'):\n    print('ready', flush=True); time.sleep(600)", "said now"),
    ],
)
def test_processes_beside_a_main_one_that_is_killed_end_and_one_of_them_says_so(then: str, told: str) -> None:
    main = start(MAIN, BESIDE.format(then=then))
    beside = [int(pid) for pid in first_line(main).split()]
    main.kill()
    _, err = main.communicate(timeout=120)
    assert all(map(ends, beside))
    assert err == f"{told}\n"


def test_one_that_begins_after_its_main_process_is_gone_ends() -> None:
    beside = start(BESIDE.format(then="time.sleep(600)"), **{MAIN_PID: str(2**22), "LOCAL_RANK": "1"})
    _, err = beside.communicate(timeout=120)
    assert (beside.returncode, err) == (GONE_CODE, f"{GONE_EARLY}\n")
