"""What ``resume=DIR`` replays: the overrides of the command that began the run in DIR.

Hydra's own record, ``.hydra/``, is rewritten by every command that names the folder, also by one that is refused.
"""

import json
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.files import write_json

RECORD = "command.json"
SCORES = "scores.jsonl"
"""What ``task=correlate`` continues from; a search has its journal."""

_NOT_REPLAYED = ("resume", "output_dir")


def write_record(folder: Path, overrides: list[str], start: str | None = None, accuracies: str | None = None) -> None:
    """Record the overrides of a run, unless it has a record already.

    What names a file is recorded so that it holds in any folder, and at any later time.

    Args:
        folder: of the run.
        overrides: of the command line, without Hydra's own.
        start: the structure that a search starts from, instead of a file that held it.
        accuracies: the whole path of a table, instead of a relative one.
    """
    path = folder / RECORD
    if path.exists():
        return
    pinned = {key: value for key, value in (("start", start), ("accuracies", accuracies)) if value is not None}
    kept = [override for override in overrides if _key(override) not in (*_NOT_REPLAYED, *pinned)]
    for key in pinned.keys() & {_key(override) for override in overrides}:
        escaped = pinned[key].replace("'", "\\'")
        kept.append(f"{key}='{escaped}'")
    write_json(path, {"overrides": kept})


def read_record(folder: Path) -> list[str]:
    """Return the overrides of the run in ``folder``.

    Raises:
        UserError: there is no run in it, or its record cannot be read.
    """
    path = folder / RECORD
    if not path.is_file():
        what = f"holds no run that can be continued ({RECORD} is missing)" if folder.is_dir() else "does not exist"
        raise UserError(f"resume={folder}: the folder {what}; give the output folder of the run to continue")
    try:
        overrides = json.loads(path.read_text(encoding="utf-8"))["overrides"]
        return [str(override) for override in overrides]
    except (ValueError, KeyError, TypeError):
        raise UserError(f"resume={folder}: {path} is damaged; start again with another output_dir") from None


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]
