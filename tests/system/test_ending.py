"""The end of a process that waits for nothing."""

import subprocess
import sys

SCRIPT = """
import threading, time
from zen_lightning.system.ending import end_at_once

threading.Thread(target=time.sleep, args=(1000,)).start()
print("said", end="")
end_at_once(7)
"""


def test_what_was_printed_is_written_and_no_thread_is_waited_for() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (7, "said")
