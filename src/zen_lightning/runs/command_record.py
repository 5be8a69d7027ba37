"""The record that ``resume=DIR`` replays: the overrides of the command that began the run in DIR.

Hydra's own record, ``.hydra/``, is rewritten by every command that names the folder, also by one that is refused.
"""

from collections.abc import Mapping
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.runs.names import RECORD, RESULT
from zen_lightning.runs.overrides import parse_overrides, quoted
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.schema import TEXTS, Record

_RECORD = Record({"overrides": TEXTS, "asked": TEXTS}, required=("overrides",))
_REMEDY = "start again with another output_dir"


def write_record(folder: Path, overrides: list[str], added: Mapping[str, str] | None = None, **pins: str | None) -> None:
    """Record the overrides of a run, unless it has a record already.

    What names a file is recorded so that it holds in any folder, and at any later time.

    Args:
        folder: the folder of the run.
        overrides: the overrides of the command line, without Hydra's own.
        added: values of keys, whether or not the command line has them: what a continued run must not find out again.
        pins: what keys that name files hold: the structure that a search starts from, or the whole path of a table. A key
            that the command line does not have, or whose pin is None, stays as it is.
    """
    path = folder / RECORD
    if path.exists():
        return
    given = list(parse_overrides(overrides))
    keys = {one.key for one in given}
    pinned = {key: value for key, value in pins.items() if value is not None and key in keys} | dict(added or {})
    kept = [one.whole for one in given if not one.names_place and one.key not in pinned]
    for key in pinned:
        kept.append(f"{key}={quoted(pinned[key])}")
    write_json(path, {"overrides": kept, "asked": asked(overrides)})


def asked(overrides: list[str]) -> list[str]:
    """Return what a command asks for, whatever folder it goes to."""
    return sorted(one.whole for one in parse_overrides(overrides) if not one.names_place)


def requested_overrides(folder: Path) -> list[str]:
    """Return what the command that began the run in ``folder`` asked for, word for word; errors as for :func:`read_record`."""
    record = _read(folder)
    return record.get("asked", record["overrides"])


def find_unfinished(overrides: list[str], root: Path = Path("outputs")) -> Path | None:
    """Return the newest run below ``root`` that a command with the same overrides began and that has no result yet.

    Args:
        overrides: the overrides of the command line.
        root: the root of the run directories.
    """
    wanted = asked(overrides)
    found = []
    for path in root.glob(f"*/**/{RECORD}"):
        try:
            same = read_json(path, _REMEDY, _RECORD).content.get("asked") == wanted
        except (OSError, UserError):
            continue
        if same and not (path.parent / RESULT).exists():
            found.append((path.stat().st_mtime, path.parent))
    return max(found)[1] if found else None


def read_record(folder: Path) -> list[str]:
    """Return the overrides of the run in ``folder``.

    Raises:
        UserError: there is no run in it, or its record cannot be read.
    """
    return _read(folder)["overrides"]


def _read(folder: Path) -> dict[str, list[str]]:
    path = folder / RECORD
    if not path.is_file():
        what = f"holds no run that can be continued ({RECORD} is missing)" if folder.is_dir() else "does not exist"
        raise UserError(
            f"the folder {what}", key="resume", value=folder, remedy="give the output folder of the run to continue"
        )
    content = read_json(path, _REMEDY, _RECORD, key="resume", value=folder).content
    return {key: content[key] for key in ("overrides", "asked") if content.get(key) is not None}
