"""The files of a sweep: what it was asked, and the outcome of every job."""

import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended, State
from zen_lightning.runs.sweep_file import LARGEST, SWEEP, read_sweep
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.json_files import LargerError, write_json

TABLE = "sweep.csv"
_COLUMNS = ("job", "overrides", "folder", "state", "seconds", "objective", "error")

_SHARE = 0.75
"""The share of the largest record that jobs may take before they have ended. A choice: their errors and seconds come on top."""


class SweepRecord:
    """Keeps ``sweep.json`` and ``sweep.csv`` in the folder of a sweep up to date.

    Args:
        folder: the folder of the sweep.
        command: the arguments that began it, to continue it by.

    Attributes:
        notices: sentences about what went wrong and was handled.
        ended: what became of the jobs so far, by number.
        directory: the directory that the sweep was begun in: relative paths of its command are relative to it.
    """

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.folder = folder
        self.notices: list[str] = []
        self.ended: dict[int, Ended] = {}
        self._command = list(command)
        self._jobs: dict[int, Job] = {}
        self._began = time.monotonic()
        before = read_sweep(folder)
        self.directory = str(before.get("directory", os.getcwd())) if before else os.getcwd()

    @property
    def seconds(self) -> float:
        """How long the sweep has run so far."""
        return time.monotonic() - self._began

    @property
    def jobs(self) -> list[Job]:
        """The jobs, in order."""
        return [self._jobs[number] for number in sorted(self._jobs)]

    def plan(self, jobs: Sequence[Job], done: dict[int, Ended]) -> None:
        """Note jobs that are to be run, and those of them that are done already.

        Raises:
            UserError: the folder holds the jobs of another sweep, or they are more than can be recorded.
        """
        before = None if self._jobs else read_sweep(self.folder)
        known = {job["job"]: job["overrides"] for job in before["jobs"]} if before else {}
        for job in jobs:
            if known.get(job.number, list(job.overrides)) != list(job.overrides):
                was, now = " ".join(known[job.number]), " ".join(job.overrides)
                what = f"{self.folder} holds another sweep, whose job {job.number} was {was}, and not {now}"
                raise UserError(what, key="output_dir", remedy="choose another output_dir")
        if before:
            self.notices = [str(sentence) for sentence in before.get("notices", [])]
        self._jobs |= {job.number: job for job in jobs}
        self.ended |= done
        try:
            self._write(_SHARE * LARGEST)
        except LargerError as error:
            what = f"{len(self._jobs):,} jobs with these overrides need {error} in {SWEEP}, which could not be read again"
            raise UserError(what, remedy="start several sweeps, or give long values by the names of files") from None

    def note(self, sentence: str) -> None:
        """Keep a sentence about what went wrong and was handled."""
        self.notices.append(sentence)
        self._write()

    def end(self, job: Job, ended: Ended) -> None:
        """Record how a job ended."""
        self.ended[job.number] = ended
        self._write()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What ``sweep.json`` says of the jobs, in order."""
        return [self._row(job) for job in self.jobs]

    def _write(self, largest: float = math.inf) -> None:
        rows = self.rows
        begun = {"command": self._command, "directory": self.directory}
        content = {**begun, "jobs": rows, "notices": self.notices, "seconds": round(self.seconds, 3)}
        write_json(self.folder / SWEEP, content, largest=largest)
        cells = ([" ".join(row[c]) if c == "overrides" else row[c] for c in _COLUMNS] for row in rows)
        write_csv(self.folder / TABLE, _COLUMNS, cells, checksum=False)  # For people: nothing here reads it.

    def _row(self, job: Job) -> dict[str, Any]:
        ended = self.ended.get(job.number, Ended(State.WAITING))
        place = {"job": job.number, "overrides": list(job.overrides), "folder": os.path.relpath(job.folder, self.folder)}
        return {**place, **ended._asdict()}
