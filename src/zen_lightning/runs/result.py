"""``result.json``: what a run found, under the same header for every task."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.json_files import Read, read_json, write_json
from zen_lightning.system.schema import COUNT, FLAG, OBJECT, TEXT, Number, Plain, Record

FORMAT = 1
"""Increased when the meaning of a field changes; results of releases before the header have none."""

_PERCENT, _COST, _ABOVE_0 = Number(0, 100), Number(0), Number(1, 2**31, whole=True)
_FIELDS = Record(
    {
        "task": TEXT,
        "format": COUNT,
        "finished": FLAG,
        "seed": Number(whole=True),
        "seconds": Number(0),
        "versions": OBJECT,
        "git_commit": TEXT,
        "structure": TEXT,
        "score": Number(),
        "params": _COST,
        "flops": _COST,
        "layers": _COST,
        "val_top1": _PERCENT,
        "val_top5": _PERCENT,
        "stopped_early": TEXT,
        "minutes": Number(0),
        "stopped_by_time": FLAG,
        "images_per_second": _COST,
        "data_wait": _PERCENT,
        "peak_memory_mb": _COST,
        "resolution": _ABOVE_0,
        "num_classes": _ABOVE_0,
        "weights": TEXT,
        "budgets": OBJECT,
        "networks": Plain((list, int), "a list or a number"),
        "proxies": Plain((list, dict), "a list or an object"),
    }
)
"""What fields may hold that are there; null is always valid."""


class ResultError(UserError):
    """A folder holds no result, or one that cannot be read."""


class Header(NamedTuple):
    """What every result records about its run, besides what was found.

    Attributes:
        task: the task that was run.
        seed: the seed of its draws; None for a task that draws nothing.
        device: the device that networks ran on.
        began: ``time.monotonic()`` at the start of the run.
    """

    task: str
    seed: int | None
    device: str
    began: float

    def fields(self, finished: bool = True) -> dict[str, Any]:
        """Return the header as it stands in the file, at this moment."""
        return {
            "finished": finished,
            "seconds": round(time.monotonic() - self.began, 3),
            "seed": self.seed,
            "device": self.device,
            "versions": versions(),
            "git_commit": git_commit(),
            "format": FORMAT,
        }


def write_result(folder: Path, header: Header, content: Mapping[str, Any], finished: bool = True) -> None:
    """Write ``result.json`` atomically: the task, what was found, and the rest of the header.

    Args:
        folder: the folder of the run.
        header: the header of the run; a field that the content has too is taken from there.
        content: what was found.
        finished: whether nothing more is to come.
    """
    write_json(folder / RESULT, {"task": header.task, **header.fields(finished), **content})


def read_result(folder: Path, key: str = "run") -> dict[str, Any]:
    """Return what ``result.json`` of a run holds.

    Args:
        folder: the folder of the run.
        key: the key of the configuration that names the folder, for the error.

    Raises:
        ResultError: there is no finished run in the folder, or its result cannot be read; the sentence names the field.
    """
    return load_result(folder, key).content


def load_result(folder: Path, key: str = "run") -> Read:
    """Return what ``result.json`` of a run holds, and whether a checksum confirms it; else as :func:`read_result`."""
    path = folder / RESULT
    if not path.is_file():
        missing = "is a file" if folder.exists() else "does not exist"
        what = f"holds no finished run ({RESULT} is missing)" if folder.is_dir() else missing
        raise ResultError(f"the folder {what}", key=key, value=folder, remedy="give the output folder of a run")
    try:
        found = read_json(path, _AGAIN, _FIELDS)
    except UserError as error:
        raise ResultError(error.said, key=key, value=folder, remedy=error.remedy) from None
    if (found.content.get("format") or 0) > FORMAT:
        raise ResultError(f"{path} was written by a later release", key=key, value=folder, remedy="update zen-lightning")
    return found


_AGAIN = "run it again, in another folder"
