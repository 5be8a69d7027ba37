"""What ``resume=DIR`` replays: the overrides of the command that began the run in DIR.

Hydra's own record, ``.hydra/``, is rewritten by every command that names the folder, also by one that is refused.
"""

import json
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.report.files import write_json

RECORD = "command.json"
_NOT_REPLAYED = ("resume", "output_dir", "start")


def write_record(folder: Path, overrides: list[str], start: str) -> None:
    """Record the overrides of a run, unless it has a record already.

    Args:
        folder: of the run.
        overrides: of the command line, without Hydra's own.
        start: the structure that the search starts from: a file that held it may be gone at the time of a resume.
    """
    path = folder / RECORD
    if path.exists():
        return
    kept = [override for override in overrides if _key(override) not in _NOT_REPLAYED]
    if any(_key(override) == "start" for override in overrides):
        kept.append(f"start='{start}'")
    write_json(path, {"overrides": kept})


def read_record(folder: Path) -> list[str]:
    """Return the overrides of the run in ``folder``.

    Raises:
        UserError: there is no run in it, or its record cannot be read.
    """
    path = folder / RECORD
    if not path.is_file():
        what = f"holds no search ({RECORD} is missing)" if folder.is_dir() else "does not exist"
        raise UserError(f"resume={folder}: the folder {what}; give the output folder of the run to continue")
    try:
        overrides = json.loads(path.read_text(encoding="utf-8"))["overrides"]
        return [str(override) for override in overrides]
    except (ValueError, KeyError, TypeError):
        raise UserError(f"resume={folder}: {path} is damaged; start the search again with another output_dir") from None


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]
