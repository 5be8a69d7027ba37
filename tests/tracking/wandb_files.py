"""Reads what Weights & Biases leaves offline: the records of its ``.wandb`` files."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record

_FILE_HEADER = struct.Struct("<4sHB")
_RECORD_HEADER = struct.Struct("<IHB")
_BLOCK = 32_768
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


@dataclass
class OfflineRun:
    """All that the files of one run hold.

    Attributes:
        runs: id, group, job type, name and so on, of each time that it was begun.
        config: as it was at last.
        history: rows, without what W&B adds.
        summary: as it was at last.
        files: of the artifacts that it has made, by artifact and name.
        kinds: of those artifacts.
        used: artifacts that it reads from.
        tables: columns and rows.
        codes: with which it ended.
    """

    runs: list[Any] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, bytes]] = field(default_factory=dict)
    tables: dict[str, tuple[list[str], list[list[Any]]]] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)


def read_offline_run(folder: Path) -> OfflineRun:
    """Return what is in ``wandb/`` of the folder of a run."""
    found = OfflineRun()
    for path in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        for record in _records(path):
            _take(found, record, path.parent / "files")
    return found


def _take(found: OfflineRun, record: Record, files: Path) -> None:
    kind = record.WhichOneof("record_type")
    if kind == "run":
        found.runs.append(record.run)
        found.config.update(_items(record.run.config.update))
    elif kind == "config":
        found.config.update(_items(record.config.update))
    elif kind == "summary":
        found.summary.update(_items(record.summary.update))
    elif kind == "exit":
        found.codes.append(record.exit.exit_code)
    elif kind == "history":
        row = {key: value for key, value in _items(record.history.item).items() if not key.startswith("_")}
        for key in [key for key, value in row.items() if isinstance(value, dict)]:
            media = row.pop(key)
            if media["_type"] == "table-file":
                table = json.loads((files / media["path"]).read_text())
                found.tables[key] = (table["columns"], table["data"])
        if row:
            found.history.append(row)
    elif kind == "artifact" and record.artifact.type not in ("run_table", "job"):
        entries = {entry.path: Path(entry.local_path).read_bytes() for entry in record.artifact.manifest.contents}
        (found.used if record.artifact.use_after_commit else found.files)[record.artifact.name] = entries
        found.kinds[record.artifact.name] = record.artifact.type


def _items(items: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        *outer, name = item.nested_key or [item.key]
        place = found
        for key in outer:
            place = place.setdefault(key, {})
        place[name] = json.loads(item.value_json)
    return found


def _records(path: Path) -> Iterator[Record]:
    """Give the records of a log in the format of LevelDB: blocks of 32 KiB, a record in one or several parts."""
    content = path.read_bytes()
    assert _FILE_HEADER.unpack_from(content) == (b":W&B", 0xBEE1, 0)
    position, parts = _FILE_HEADER.size, b""
    while position < len(content):
        left = _BLOCK - position % _BLOCK
        if left < _RECORD_HEADER.size:
            position += left
            continue
        _, length, kind = _RECORD_HEADER.unpack_from(content, position)
        position += _RECORD_HEADER.size
        parts = (
            content[position : position + length] if kind in (_FULL, _FIRST) else parts + content[position : position + length]
        )
        position += length
        if kind in (_FULL, _LAST):
            yield Record.FromString(parts)
