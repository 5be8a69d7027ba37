"""A job of a sweep whose process is killed: a sentence, and ``resume=`` ends with what nobody would have disturbed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.launch.job_record import read_record

SEARCH = ("search.iterations=8000", "search.finalists=0", "budget=params1M")
LIMIT = 300.0
"""Seconds that a sweep may take on a machine that does much else."""


def _sweep(*arguments: str) -> "subprocess.Popen[str]":
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RAY_USAGE_STATS_ENABLED": "0"}
    variables.pop("RAY_ADDRESS", None)
    command = [sys.executable, "-m", "zen_lightning", *arguments]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.long
@pytest.mark.parametrize("launcher", ["joblib", "serial", "ray"])
def test_a_job_that_is_killed_is_a_sentence_and_resuming_ends_the_same(launcher: str, zen: Zen, tmp_path: Path) -> None:
    if launcher == "ray":
        pytest.importorskip("ray")
    folder, name = tmp_path / "sweep", "0-seed=1"
    sweep = _sweep("-m", f"launcher={launcher}", "launcher.retries=0", *SEARCH, "seed=1,2", f"output_dir={folder}")
    deadline = time.monotonic() + LIMIT
    while not next((folder / name).glob("journal/*.jsonl"), None) and sweep.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(int(read_record(folder / name)["process"]), signal.SIGKILL)
    out, _ = sweep.communicate(timeout=LIMIT)
    assert sweep.returncode == 1, out
    assert "job 0 killed (seed=1): its process was killed" in out
    assert "out of memory?" in out
    assert f"resume={folder} runs the jobs that are not done" in out
    assert "Traceback" not in out
    again = _sweep(f"resume={folder}")
    out, _ = again.communicate(timeout=LIMIT)
    assert again.returncode == 0, out
    assert zen(*SEARCH, "seed=1", f"output_dir={tmp_path / 'alone'}").code == 0
    one, other = (json.loads((place / "result.json").read_text()) for place in (folder / name, tmp_path / "alone"))
    assert all(one[key] == other[key] for key in ("structure", "score", "accepted"))
