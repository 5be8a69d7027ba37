"""The file in which a sweep keeps what it was asked and what became of its jobs, for those who read it later."""

import json
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError

SWEEP = "sweep.json"


def read_sweep(folder: Path) -> dict[str, Any] | None:
    """Return what a sweep keeps.

    ``command``, its arguments; ``directory``, that it was begun in; ``jobs``, in order; ``notices``; ``seconds``. A job
    has ``job`` (its number), ``overrides``, ``folder`` (below that of the sweep), ``state``, ``seconds``, ``objective`` and
    ``error``.

    Args:
        folder: the folder of the sweep.

    Returns:
        None where the folder holds no sweep.

    Raises:
        UserError: the file cannot be read.
    """
    path = folder / SWEEP
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            **found,
            "command": [str(argument) for argument in found["command"]],
            "jobs": [dict(job) for job in found["jobs"]],
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is damaged", remedy="start the sweep again with another output_dir") from None
