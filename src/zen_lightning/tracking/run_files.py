"""Which files of a run's folder are given to its trackers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zen_lightning.runs.names import STAGES
from zen_lightning.system.csv_files import read_csv

_KEPT = (".csv", ".html", ".json", ".md", ".png", ".svg", ".tex", ".txt", ".yaml")
_FOLDERS = (".", "scatter", "structures")
_OWN = ("command.json", "job.json", STAGES)
_STREAMED = ("history.csv",)
_LARGEST = 20_000_000
"""Bytes of the largest file that trackers are given. A choice: reports and tables are smaller, and no upload takes minutes."""

_MOST_ROWS = 1_000
"""Rows of the largest table that trackers are given. A choice: what a person reads in a browser."""
_ELSEWHERE = ("versions", "git_commit")
RECORD_ENDING = "_run_id.txt"
"""How a file ends that holds a tracker's own name of the run."""


def kept_files(folder: Path) -> list[Path]:
    """Return what a run has left for people: results, tables, structures, pictures; no weights, checkpoints or journals."""
    found = [path for name in _FOLDERS for path in sorted((folder / name).glob("*")) if path.suffix in _KEPT]
    return [path for path in found if not _is_own(path.name) and path.is_file() and path.stat().st_size <= _LARGEST]


def table_files(folder: Path) -> list[Path]:
    """Return the CSV files of a run that are tables of at most 1,000 rows; ``history.csv`` is logged step by step instead."""
    return [path for path in sorted(folder.glob("*.csv")) if path.name not in _STREAMED and _is_small(path)]


def read_table(path: Path) -> tuple[list[str], list[list[float | str | None]]]:
    """Return the columns and the rows of a CSV file: numbers as numbers, and None where a field is empty."""
    table = read_csv(path, "run it again")
    return table.columns, [[_value(field) for field in row] for row in table.rows]


def figures(result: Mapping[str, Any]) -> dict[str, float | str | bool]:
    """Return the single values of a ``result.json``; lists stay in the file, and versions are in the configuration.

    Example:
        >>> figures({"params": 3, "budgets": {"flops": 7}, "classes": ["cat"], "score": None, "git_commit": "ab12"})
        {'params': 3, 'budgets/flops': 7}
    """
    own = flat({key: value for key, value in result.items() if key not in _ELSEWHERE})
    return {key: value for key, value in own.items() if isinstance(value, str | int | float)}


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of nested mappings, with names such as ``outer/inner``."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        inner = {f"{key}/{name}": one for name, one in flat(value).items()} if isinstance(value, Mapping) else {key: value}
        found.update(inner)
    return found


def _is_own(name: str) -> bool:
    return name.startswith(".") or name in _OWN or name.endswith(RECORD_ENDING)


def _is_small(path: Path) -> bool:
    with path.open("rb") as file:
        return 1 < sum(1 for _ in zip(file, range(_MOST_ROWS + 2), strict=False)) <= _MOST_ROWS + 1


def _value(field: str) -> float | str | None:
    if not field:
        return None
    for kind in (int, float):
        try:
            return kind(field)
        except ValueError:
            continue
    return field
