"""SIGTERM ends a process that has nothing to save with 75, whatever its main thread is doing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from signalled import BODIES, FORKS, ended

_PROGRAM = """
import os, signal, sys, threading, time
from zen_lightning.system import requeue

requeue.watch.grace = 0.5
with requeue.exiting_on_sigterm():
{body}
print("it went on")
"""


@pytest.mark.parametrize("where", list(BODIES))
def test_it_ends(where: str, tmp_path: Path) -> None:
    code, err = ended(_PROGRAM.format(body=BODIES[where]), tmp_path)
    assert code == 75
    assert err.count("stopped by SIGTERM before the first step") == 1


def test_afterwards_sigterm_is_as_before(tmp_path: Path) -> None:
    body = "    requeue.leave_sigterm()\n    print('ready', flush=True)\n    time.sleep(30)"
    assert ended(_PROGRAM.format(body=body), tmp_path) == (-signal.SIGTERM, "")


def test_forked_processes_end_as_processes_do(tmp_path: Path) -> None:
    assert ended(_PROGRAM.format(body=FORKS), tmp_path)[0] == 75


def test_a_command_asks_to_be_started_again_from_its_first_moment_on() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # The signal comes while the command line is imported.
    program = (
        "import importlib.abc, os, sys\n"
        "class Stop(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'zen_lightning.cli.main': os.kill(os.getpid(), 15)\n"
        "sys.meta_path.insert(0, Stop())\n"
        "from zen_lightning.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "start the same command again" in done.stderr) == (75, True)
