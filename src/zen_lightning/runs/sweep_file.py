"""The file in which a sweep keeps what it was asked and what became of its jobs, for those who read it later."""

from pathlib import Path, PurePath
from typing import Any

from zen_lightning.system.json_files import read_json
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import COUNT, TEXT, TEXTS, ListOf, Number, Plain, Record

SWEEP = "sweep.json"

LARGEST = 128 * 2**20
"""Bytes of the largest file that is read. A choice: 10,000 jobs have 5 MB; 20,000 that name a structure each, 34 MB."""


class _Below:
    """The path of a folder below another."""

    def wrong(self, value: Any, where: str) -> str | None:
        if problem := TEXT.wrong(value, where):
            return problem
        path = PurePath(value)
        return (
            f"{where} is {value}, and no folder below that of the sweep" if path.is_absolute() or ".." in path.parts else None
        )


_JOB = Record(
    {
        "job": COUNT,
        "overrides": TEXTS,
        "folder": _Below(),
        "state": TEXT,
        "seconds": Number(0),
        "objective": Plain((int, float, list), "a number, or several"),
        "error": TEXT,
        "code": Number(whole=True),
        "scale": TEXT,
    },
    required=("job", "overrides", "folder", "state"),
)
_SWEEP = Record(
    {"command": TEXTS, "directory": TEXT, "jobs": ListOf(_JOB), "notices": TEXTS, "seconds": Number(0)},
    required=("command", "jobs"),
)


def read_sweep(folder: Path) -> dict[str, Any] | None:
    """Return what a sweep keeps.

    ``command``, its arguments; ``directory``, that it was begun in; ``jobs``, in order; ``notices``; ``seconds``. A job
    has ``job`` (its number), ``overrides``, ``folder`` (below that of the sweep), ``state``, ``seconds``, ``objective``,
    ``error``, and ``scale`` where the job recorded by what its objective was measured.

    Args:
        folder: the folder of the sweep.

    Returns:
        None where the folder holds no sweep.

    Raises:
        UserError: the file cannot be read.
    """
    path = folder / SWEEP
    if not holds_file(path):
        return None
    return read_json(path, "start the sweep again with another output_dir", _SWEEP, largest=LARGEST).content
