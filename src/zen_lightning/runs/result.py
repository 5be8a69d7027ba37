"""``result.json``: what a run found, under the same header for every task."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_json

FORMAT = 1
"""Increased when the meaning of a field changes; results of releases before the header have none."""

_NUMBER = (int, float)
_FIELDS: dict[str, tuple[type, ...]] = {
    "task": (str,),
    "format": (int,),
    "finished": (bool,),
    "seed": (int,),
    "seconds": _NUMBER,
    "versions": (dict,),
    "git_commit": (str,),
    "structure": (str,),
    "score": _NUMBER,
    "params": _NUMBER,
    "flops": _NUMBER,
    "layers": _NUMBER,
    "val_top1": _NUMBER,
    "val_top5": _NUMBER,
    "resolution": (int,),
    "num_classes": (int,),
    "weights": (str,),
    "budgets": (dict,),
    "networks": (list, int),
    "proxies": (list, dict),
}
"""Types of fields, checked if present; null is always valid."""


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
    path = folder / RESULT
    if not path.is_file():
        missing = "is a file" if folder.exists() else "does not exist"
        what = f"holds no finished run ({RESULT} is missing)" if folder.is_dir() else missing
        raise ResultError(f"the folder {what}", key=key, value=folder, remedy="give the output folder of a run")
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is cut short or damaged"
        raise ResultError(f"{path} cannot be read ({reason})", key=key, value=folder, remedy=_AGAIN) from None
    if not isinstance(result, dict):
        raise ResultError(f"{path} is damaged: it holds no JSON object", key=key, value=folder, remedy=_AGAIN)
    for name, kinds in _FIELDS.items():
        value = result.get(name)
        wrong = not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
        if value is not None and wrong:
            expected = "a number" if kinds == _NUMBER else " or ".join(_NAMES[kind] for kind in kinds)
            raise ResultError(f"{path}: {name} is {_short(value)}, not {expected}", key=key, value=folder, remedy=_AGAIN)
    if (result.get("format") or 0) > FORMAT:
        raise ResultError(f"{path} was written by a later release", key=key, value=folder, remedy="update zen-lightning")
    return result


_AGAIN = "run it again, in another folder"
_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "an object", list: "a list"}


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
