"""The files of a run, as a report reads them."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError

Row = dict[str, str]
"""A row of a CSV file, by column."""


@dataclass(frozen=True)
class RunFolder:
    """A run as its folder shows it.

    Attributes:
        path: of the folder.
        task: what was run.
        result: what ``result.json`` holds.
        overrides: of the command that reproduces it.
        settings: the composed configuration as plain values; what refers to others is not resolved.
        folders: of configuration that the command named by ``--config-dir``.
    """

    path: Path
    task: str
    result: Mapping[str, Any]
    overrides: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def table(self, name: str) -> list[Row]:
        """Return the rows of a CSV file of the run; none where there is no such file."""
        path = self.path / name
        if not path.is_file():
            return []
        csv.field_size_limit(2**24)
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def setting(self, key: str) -> Any:
        """Return a value of the configuration by its dotted key; None where it has none, or refers to another."""
        node: Any = self.settings
        for part in key.split("."):
            node = node.get(part) if isinstance(node, Mapping) else None
        return None if isinstance(node, str) and "${" in node else node


def read_result(folder: Path) -> dict[str, Any]:
    """Return what ``result.json`` of a run holds.

    Raises:
        UserError: there is no finished run in the folder, or its result cannot be read.
    """
    path = folder / "result.json"
    if not path.is_file():
        missing = "is a file" if folder.exists() else "does not exist"
        what = "holds no finished run (result.json is missing)" if folder.is_dir() else missing
        raise UserError(f"run={folder}: the folder {what}; give the output folder of a run")
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise UserError(f"run={folder}: {path} is damaged")
    return result


def number(row: Mapping[str, Any], *keys: str) -> float | None:
    """Return the first of several columns that holds a number.

    Example:
        >>> number({"measured": "", "predicted": "0.31"}, "measured", "predicted")
        0.31
    """
    for key in keys:
        value = row.get(key)
        if value is None or value == "":
            continue
        try:
            return float(value)
        except (TypeError, ValueError):
            continue
    return None
