"""Tasks for jobs: ``task._target_=sweep_tasks.NAME``. Processes that run jobs import them."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.tasks.base import Task


@dataclass
class _Keys:
    """None of their own."""


class _Task(Task[_Keys]):
    name = "search"
    Keys = _Keys


STRAY = "stray.txt"
"""Holds the id of a process that a job has started."""


class Seed(_Task):
    """Print and return the seed; an odd one fails."""

    def run(self) -> float:
        print(f"the seed is {self.config.seed}")
        if self.config.seed % 2:
            raise ZeroDivisionError(f"seed {self.config.seed} is odd\nand more")
        return float(self.config.seed)


class DeadlyOnce(_Task):
    """Die of seed 1: the first time of all, as out of memory; of seed 3: every time."""

    def run(self) -> float:
        seen = self.folder / "seen.txt"
        if self.config.seed == 3 or (self.config.seed == 1 and not seen.exists()):
            seen.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return float(self.config.seed)


class Surroundings(_Task):
    """Note what a job has: threads, cores, GPU."""

    def run(self) -> float:
        import torch

        from zen_lightning.system.cores import available_cores

        threads = torch.get_num_threads()
        (self.folder / "has.txt").write_text(f"{threads} {available_cores()} {os.environ.get('CUDA_VISIBLE_DEVICES')}")
        time.sleep(0.3)
        return 0.0


class Endless(_Task):
    """Start a process and never end; seed 1 does not end for Ctrl-C either."""

    def run(self) -> float:
        if self.config.seed == 1:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        stray = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (self.folder / STRAY).write_text(str(stray.pid))
        try:
            time.sleep(600)
        finally:
            (self.folder / "tidied.txt").write_text("")
        return 0.0


class Slow(_Task):
    """Take a while."""

    def run(self) -> float:
        time.sleep(2)
        return float(self.config.seed)


class Poked(_Task):
    """Never end the first time."""

    def run(self) -> float:
        with (self.folder / "begun.txt").open("a") as file:
            print("begun", file=file)
        time.sleep(0 if len((self.folder / "begun.txt").read_text().splitlines()) > 1 else 600)
        return float(self.config.seed)


class Meet(_Task):
    """End when another run beside this one has begun too; its result is the size of the population."""

    groups = ("search",)

    def run(self) -> float:
        (self.folder / "begun.txt").write_text("")
        deadline = time.monotonic() + 60
        while not any(path.parent != self.folder for path in self.folder.parent.glob("*/begun.txt")):
            if time.monotonic() > deadline:
                raise TimeoutError("it was alone")
            time.sleep(0.05)
        self.leave({"score": float(self.config.search.population_size)})
        return 0.0


@dataclass
class _Needs:
    """Folders of other runs."""

    needs: Any = None


class AfterBoth(Task[_Needs]):
    """Need the results of other runs, ``needs``."""

    name = "search"
    Keys = _Needs

    def run(self) -> float:
        scores = [json.loads((Path(path) / "result.json").read_text())["score"] for path in self.keys.needs]
        self.leave({"score": sum(scores)})
        return 0.0


class Saving(_Task):
    """Take no end, and save at SIGTERM and Ctrl-C; the second time, end at once."""

    groups = ("search",)

    def run(self) -> float:
        if (self.folder / "saved.txt").exists():
            self.leave({"score": 1.0})
            return 0.0
        signal.signal(signal.SIGTERM, _raise_exit)
        (self.folder / "begun.txt").write_text(str(os.getpid()))
        try:
            time.sleep(600)
        finally:
            (self.folder / "saved.txt").write_text("")
        return 0.0


def _raise_exit(*_: object) -> None:
    raise SystemExit(75)


class Full(_Task):
    """Fail as a file cannot be written: the disk is full."""

    def run(self) -> float:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise UserError("cannot save a file (the disk is full)", remedy="make room") from error
