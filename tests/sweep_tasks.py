"""Tasks for jobs of sweeps: ``task.run=sweep_tasks.NAME``. Processes that run jobs import them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from omegaconf import DictConfig

STRAY = "stray.txt"
"""Holds the id of a process that a job has started."""


def seed(config: DictConfig, folder: Path) -> float:
    """Print and return the seed; an odd one fails."""
    print(f"the seed is {config.seed}")
    if config.seed % 2:
        raise ZeroDivisionError(f"seed {config.seed} is odd\nand more")
    return float(config.seed)


def deadly_once(config: DictConfig, folder: Path) -> float:
    """Die of seed 1: the first time of all, as out of memory; of seed 3: every time."""
    seen = folder / "seen.txt"
    if config.seed == 3 or (config.seed == 1 and not seen.exists()):
        seen.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return float(config.seed)


def surroundings(config: DictConfig, folder: Path) -> float:
    """Note what a job has: threads, cores, GPU."""
    import torch

    from zen_lightning.system.cores import available_cores

    threads = torch.get_num_threads()
    (folder / "has.txt").write_text(f"{threads} {available_cores()} {os.environ.get('CUDA_VISIBLE_DEVICES')}")
    time.sleep(0.3)
    return 0.0


def endless(config: DictConfig, folder: Path) -> float:
    """Start a process and never end; seed 1 does not end for Ctrl-C either."""
    if config.seed == 1:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    stray = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / STRAY).write_text(str(stray.pid))
    try:
        time.sleep(600)
    finally:
        (folder / "tidied.txt").write_text("")
    return 0.0


def slow(config: DictConfig, folder: Path) -> float:
    """Take a while."""
    time.sleep(2)
    return float(config.seed)


def poked(config: DictConfig, folder: Path) -> float:
    """Never end the first time."""
    with (folder / "begun.txt").open("a") as file:
        print("begun", file=file)
    time.sleep(0 if len((folder / "begun.txt").read_text().splitlines()) > 1 else 600)
    return float(config.seed)
