"""The other processes of a training, watched by the main one."""

import os
import subprocess
import sys
import threading
from typing import Any

import pytest
import torch
from lightning_fabric.plugins.environments import LightningEnvironment
from pytorch_lightning.strategies.launchers.subprocess_script import _SubprocessScriptLauncher

from zen_lightning.training import launcher as launching
from zen_lightning.training.launcher import Launcher
from zen_lightning.training.writer import BackgroundWriter


@pytest.mark.parametrize("leaves", [True, False], ids=["main process ends by itself", "main process waits for ever"])
def test_a_checkpoint_under_way_is_finished_when_another_process_has_failed(
    leaves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Any] = []
    monkeypatch.setattr(launching, "_POLL", 0.01)
    monkeypatch.setattr(launching, "_GRACE", 0.1)
    monkeypatch.setattr(launching, "end_at_once", lambda code: events.append(("exit", code)))
    writer, begun, disk = BackgroundWriter(), threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        disk.wait(30)
        events.append("written")

    def on_failure(rank: int, code: int) -> int:
        events.append(("failed", rank, code))
        return code

    theirs = _SubprocessScriptLauncher(LightningEnvironment(), num_processes=2, num_nodes=1)
    ours = Launcher(theirs, on_failure, lambda: writer.is_busy)
    ours.procs = [subprocess.Popen([sys.executable, "-c", "raise SystemExit(75)"])]
    writer.submit(write)
    assert begun.wait(30)
    assert writer.is_busy
    ours.procs[0].wait()
    watching = threading.Thread(target=ours._watch)
    watching.start()
    watching.join(1)  # Ten times the grace.
    assert events == []
    if leaves:
        ours.is_ending = True
    disk.set()
    writer.close()
    watching.join(30)
    assert events == ["written"] + ([] if leaves else [("failed", 1, 75), ("exit", 75)])
    assert not writer.is_busy


def test_as_many_threads_are_asked_for_as_the_processes_get(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for all cores in each of them: eight GPUs on 128 cores would need a thousand."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(launching, "require_processes", lambda count, each: asked.append((count, each)))
    monkeypatch.setattr(Launcher, "_call_children_scripts", lambda self: None)
    monkeypatch.setenv("OMP_NUM_THREADS", "")  # So that it is put back.
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    before, many = torch.get_num_threads(), 4 * (os.cpu_count() or 1)
    torch.set_num_threads(many)
    try:
        theirs = _SubprocessScriptLauncher(LightningEnvironment(), num_processes=many, num_nodes=1)
        assert Launcher(theirs, lambda rank, code: code).launch(lambda: os.environ["OMP_NUM_THREADS"]) == "1"
    finally:
        torch.set_num_threads(before)
    assert asked == [(many - 1, launching._THREADS + 1)]
