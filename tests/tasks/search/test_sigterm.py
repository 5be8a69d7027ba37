"""A search that a scheduler ends says how it goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = ("task=search", "search=zen", "budget=params1M", "search.finalists=0", "search.iterations=2000000")


@pytest.mark.slow
def test_it_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "zen_lightning", *COMMAND, f"output_dir={tmp_path / 'run'}"]
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    journal = tmp_path / "run" / "journal"
    while not any(path.stat().st_size for path in journal.glob("*")) and child.poll() is None:
        time.sleep(0.1)
    child.send_signal(signal.SIGTERM)
    _, err = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGTERM
    assert err == "\nstopped by SIGTERM; nothing is lost: continue with resume=run\n"
