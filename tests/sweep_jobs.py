"""Jobs for the tests of what runs them."""

import os
from collections.abc import Iterable
from pathlib import Path

from zen_lightning.launch.backend import Source
from zen_lightning.launch.job import Job


def job(folder: Path, number: int, *overrides: str, task: str = "Seed") -> Job:
    """Return a job that runs one of the tasks of ``sweep_tasks``."""
    place = str(folder / str(number))
    given = (f"task._target_=sweep_tasks.{task}", *overrides)
    return Job(number, overrides, (*given, f"output_dir='{place}'", "resume=auto"), place, os.getcwd())


def seeds(folder: Path, *values: int, task: str = "Seed") -> list[Job]:
    """Return a job for each seed."""
    return [job(folder, number, f"seed={value}", task=task) for number, value in enumerate(values)]


def source(jobs: Iterable[Job]) -> Source:
    """Return a function that hands out jobs in order."""
    waiting = iter(jobs)
    return lambda: next(waiting, None)


def is_running(process: int) -> bool:
    """Whether a process is there, and not one that has ended and waits to be asked how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
