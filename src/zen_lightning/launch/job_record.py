"""The state of a job: the file ``job.json`` in its folder."""

import os
import socket
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.schema import COUNT, TEXT, TEXTS, ListOf, Number, Record

RECORD = "job.json"


class State(StrEnum):
    """The state of a job; only one that is done is never run again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    KILLED = "killed"
    STOPPED = "stopped"


class _State:
    """One of the states of a job."""

    def wrong(self, value: Any, where: str) -> str | None:
        return None if value in list(State) else f"{where} is no state of a job"


class _Objective:
    """A number, or several."""

    def wrong(self, value: Any, where: str) -> str | None:
        return (ListOf(Number()) if isinstance(value, list) else Number()).wrong(value, where)


_RECORD = Record(
    {
        "job": COUNT,
        "overrides": TEXTS,
        "state": _State(),
        "seconds": Number(0),
        "objective": _Objective(),
        "error": TEXT,
        "code": Number(whole=True),
        "scale": TEXT,
        "node": TEXT,
    },
    required=("job", "overrides", "state"),
)


class Ended(NamedTuple):
    """How a job ended.

    Attributes:
        state: done, failed, killed or stopped.
        seconds: the seconds that it ran.
        objective: what its task returned, for sweepers that optimise it: a number, or several.
        error: why it is not done, one sentence.
        code: the code that a process with this command ends with; of one that a signal ended, 128 and the number of the signal.
        scale: by what the objective was measured, see :mod:`zen_lightning.runs.scale`; None where there is no objective, and in
            records of older versions.
    """

    state: State
    seconds: float = 0.0
    objective: float | list[float] | None = None
    error: str = ""
    code: int = 0
    scale: str | None = None


def write_begun(folder: Path, number: int, overrides: Sequence[str], node: str) -> None:
    """Note that a job runs, and where."""
    place = {"host": socket.gethostname(), "process": os.getpid(), "node": node}
    write_json(folder / RECORD, {"job": number, "overrides": list(overrides), "state": State.RUNNING, **place})


def write_ended(folder: Path, number: int, overrides: Sequence[str], ended: Ended) -> None:
    """Record how a job ended."""
    write_json(folder / RECORD, {"job": number, "overrides": list(overrides), **ended._asdict()})


def read_done(folder: Path, overrides: Sequence[str]) -> Ended | None:
    """Return how the job in a folder ended; None if it is not done, or was another."""
    found = read_record(folder)
    if found.get("state") != State.DONE or found.get("overrides") != list(overrides):
        return None
    return _ended(found, State.DONE)


def read_ended(folder: Path) -> Ended | None:
    """Return how the job in a folder ended; None if its process ended before it could record that."""
    found = read_record(folder)
    return _ended(found, State(found["state"])) if "seconds" in found else None


def read_stopped(folder: Path, overrides: Sequence[str]) -> Ended | None:
    """Return how the job in a folder ended where it was done, or was stopped or killed; None if it was another, or neither."""
    found = read_record(folder)
    if found.get("overrides") != list(overrides) or found.get("state") not in (State.DONE, State.STOPPED, State.RUNNING):
        return None
    return _ended({"error": "it was stopped", **found}, State.DONE if found["state"] == State.DONE else State.STOPPED)


def forget_done(folder: Path) -> None:
    """Forget that the job in a folder is done: its files are gone."""
    if read_record(folder).get("state") == State.DONE:
        (folder / RECORD).unlink()


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of the job in a folder; empty if there is none, or a damaged one."""
    try:
        return read_json(folder / RECORD, "it is run again", _RECORD).content
    except (OSError, UserError):
        return {}  # The job is run again: what is done of it is continued, or found to be there.


def _ended(found: dict[str, Any], state: State) -> Ended:
    return Ended(**{**{name: found[name] for name in Ended._fields if name in found}, "state": state})
