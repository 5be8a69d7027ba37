"""Processes of other programs that end with this one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orphans import ends, first_line, is_alive, start
from zen_lightning.system.end_marked import marked
from zen_lightning.system.followers import Followers

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked up in /proc")

STARTS_ANOTHER = """
    import os, subprocess, sys, time
    from zen_lightning.system.followers import Followers

    followers = Followers()
    with followers.marking():
        inner = "import subprocess, time; print(subprocess.Popen(['sleep', '1000'], start_new_session=True).pid, flush=True)"
        subprocess.run([sys.executable, "-c", inner])
    time.sleep(1000)
"""
"""The process that is to end is no child of this one: its parent has ended."""


def test_what_is_marked_ends_with_a_killed_process() -> None:
    main = start(STARTS_ANOTHER)
    other = int(first_line(main))
    assert is_alive(other)
    main.kill()
    main.wait()
    assert ends(other)


def test_what_has_ended_in_its_own_way_is_left_alone() -> None:
    followers = Followers()
    before = dict(os.environ)
    with followers.marking():
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    assert dict(os.environ) == before
    try:
        followers.close()
        followers.close()
        assert is_alive(other.pid)
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait()


def test_only_whole_variables_count() -> None:
    other = subprocess.Popen(["sleep", "1000"], env={"FOLLOWED": "12"})
    try:
        assert other.pid in marked(b"FOLLOWED=12")
        assert other.pid not in marked(b"FOLLOWED=1")
        assert os.getpid() not in marked(b"")
    finally:
        other.kill()
        other.wait()
