"""Kills one process of a training (a loader's, a rank, a rank's loader's) at random moments, or presses Ctrl-C while it starts.

    python benchmarks/killed_processes.py [--each 5] [--seed 0] [--kinds worker rank "worker of a rank" "Ctrl-C"]

A killed process is what the kernel does where memory runs out. Looked at: the exit code, that there is no traceback, that what
is said is one sentence with ``resume=`` (or to start again, where nothing was saved), that no process is left, and that
``resume=`` ends with the weights of a training that nobody disturbed. Ctrl-C goes to all processes of the training, as in a
terminal, from 0 to 2 seconds after the first process beside the main one is there: while loaders and ranks start.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from common import ROOT, header, row
from killed_trainings import STRUCTURE

KINDS = ("worker", "rank", "worker of a rank", "Ctrl-C", "Ctrl-C, two ranks")
ARGUMENTS = [
    *("task=train", f"arch='{STRUCTURE}'", "dataset=digits", "recipe.epochs=8", "trainer.loader_workers=2"),
    *("trainer.deterministic=true", "trainer.checkpoint_steps=5", "recipe.augmentation.erasing=0.5"),
]
_LIMIT = 120.0
"""Seconds after which a training that was to end hangs."""


def begin(arguments: list[str], folder: Path, kind: str) -> "subprocess.Popen[str]":
    several = "trainer=ddp_cpu" if "rank" in kind else "trainer=cpu"
    command = [sys.executable, str(ROOT / "run.py"), *arguments]
    command += [] if arguments[0].startswith("resume=") else [several, f"output_dir={folder}"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload,no-any-return]


def children(pid: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if int((place / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(place.name))
        except OSError:
            continue
    return sorted(found)


def rank_1(pid: int) -> int | None:
    for child in children(pid):
        try:
            if b"LOCAL_RANK=1" in Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
                return child
        except OSError:
            continue
    return None


def strike(child: "subprocess.Popen[str]", folder: Path, kind: str, moments: random.Random) -> bool:
    """Kill a process, or press Ctrl-C; return whether there was something to disturb."""
    if kind.startswith("Ctrl-C"):
        while child.poll() is None and not children(child.pid):
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 2))
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
        return child.poll() is None
    last = folder / "checkpoints" / "last.ckpt"
    while child.poll() is None and not last.exists():
        time.sleep(0.02)
    time.sleep(moments.uniform(0, 2))
    owner = rank_1(child.pid) if "rank" in kind else child.pid
    victims = [owner] if kind == "rank" else children(owner) if owner is not None else []
    if child.poll() is not None or not victims or victims[0] is None:
        return False
    os.kill(moments.choice(victims), signal.SIGKILL)  # type: ignore[type-var,arg-type]
    return True


def faults(child: "subprocess.Popen[str]", folder: Path, kind: str) -> list[str]:
    """Return what is wrong with the way in which a disturbed training ended."""
    try:
        out, err = child.communicate(timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return ["it hangs"]
    codes = (130,) if kind.startswith("Ctrl-C") else (137,) if kind == "rank" else (2,)
    found = [] if child.returncode in codes else [f"exit code {child.returncode}: {err[-300:]!r}"]
    found += ["a traceback"] if "Traceback" in out + err else []
    begun = (folder / "command.json").exists()
    if begun and not any(
        text in out + err for text in ("continue with resume=", "start the same command", "start the command")
    ):
        found.append(f"no way on: {out[-200:]!r}")
    if not kind.startswith("Ctrl-C") and len(err.strip().splitlines()) != 1:
        found.append(f"more than a sentence: {err[-300:]!r}")
    time.sleep(1)
    left = subprocess.run(["pgrep", "-g", str(child.pid)], capture_output=True, text=True, check=False).stdout.split()
    return found + ([f"{len(left)} processes are left"] if left else [])


def state(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    return found


def ends_the_same(folder: Path, whole: Path, kind: str) -> bool:
    arguments = [f"resume={folder}"] if (folder / "command.json").exists() else ARGUMENTS
    ended = begin(arguments, folder, kind)
    ended.communicate()
    if ended.returncode != 0:
        return False
    one, other = state(folder), state(whole)
    return all(torch.equal(one[key], other[key]) for key in other)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    header()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as parent:
        for kind in options.kinds:
            whole = Path(parent) / ("two" if "rank" in kind else "one")
            if not whole.exists():
                begin(ARGUMENTS, whole, kind).communicate()
            done, wrong, same = 0, [], 0
            while done < options.each:
                folder = Path(parent) / f"{kind}-{done}".replace(" ", "-").replace(",", "")
                child = begin(ARGUMENTS, folder, kind)
                if not strike(child, folder, kind, moments):
                    child.communicate()
                    shutil.rmtree(folder)
                    continue
                done += 1
                wrong += faults(child, folder, kind)
                same += ends_the_same(folder, whole, kind)
            measured = f"{len(wrong)} faults, {same} of {done} end with the same weights"
            row(f"{kind}, {done} times", measured, "0 faults, all the same", not wrong and same == done)
            for fault in wrong:
                print(f"  {fault}", flush=True)


if __name__ == "__main__":
    main()
