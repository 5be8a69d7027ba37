"""A run is a folder: what its files say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zen_lightning.runs.command_record import read_record
from zen_lightning.runs.hydra_record import HydraRecord, select
from zen_lightning.runs.names import RECORD
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.runs.result import read_result
from zen_lightning.system.csv_files import read_csv
from zen_lightning.system.ordinary_file import holds_file

Row = dict[str, str]
"""A row of a CSV file, by column."""


@dataclass(frozen=True)
class RunFolder:
    """A run as its folder shows it.

    Attributes:
        path: the path of the folder.
        task: what was run.
        result: what ``result.json`` holds.
        overrides: the overrides of the command that reproduces it.
        settings: the composed configuration as plain values; what refers to others is not resolved.
        folders: the folders of configuration that the command named by ``--config-dir``.
    """

    path: Path
    task: str
    result: Mapping[str, Any]
    overrides: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path, key: str = "run") -> "RunFolder":
        """Return the run in a folder.

        Args:
            path: the path of the folder.
            key: the key of the configuration that names it, for the error.

        Raises:
            ResultError: it holds no finished run, or a damaged one.
        """
        result, hydra = read_result(path, key), HydraRecord(path)
        task = result.get("task") or select(hydra.settings, "task.name") or _task_without_record(path, result)
        return cls(path, str(task), result, tuple(_overrides(path, hydra)), hydra.settings, tuple(hydra.folders))

    def table(self, name: str) -> list[Row]:
        """Return the rows of a CSV file of the run; none where there is no such file."""
        return read_rows(self.path / name)

    def setting(self, key: str) -> Any:
        """Return a value of the configuration by its dotted key; None where it has none, or refers to another."""
        node = select(dict(self.settings), key)
        return None if isinstance(node, str) and "${" in node else node


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a CSV file of a run; none where there is no such file.

    Raises:
        UserError: it is damaged.
    """
    if not holds_file(path):
        return []
    table = read_csv(path, "run it again, in another folder")
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _overrides(folder: Path, hydra: HydraRecord) -> list[str]:
    """Return the overrides of a run: as recorded to continue it, or as Hydra recorded them."""
    if (folder / RECORD).is_file():
        return read_record(folder)
    return [one.whole for one in parse_overrides(hydra.overrides or ()) if not one.names_place]


def _task_without_record(folder: Path, result: Mapping[str, Any]) -> str:
    """Return the task of a folder without Hydra's record, made before results named their task."""
    if (folder / "front.csv").is_file():
        return "pareto"
    if (folder / "correlations.csv").is_file():
        return "correlate"
    if "iterations" in result:
        return "search"
    return "score" if "scores" in result else "analyze"


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
