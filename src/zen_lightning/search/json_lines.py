"""Files of JSON lines that are appended to, and read again after a kill at any moment."""

import json
import os
from pathlib import Path
from typing import IO, Any


def read_whole(file: IO[bytes]) -> tuple[list[dict[str, Any]], int]:
    """Return the objects of a file up to the first line that a kill cut short, and where that line begins, in bytes."""
    file.seek(0)
    records: list[dict[str, Any]] = []
    end = 0
    for line in file:
        try:
            record = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n") or not isinstance(record, dict):
            break
        records.append(record)
        end += len(line)
    return records, end


def cut(file: IO[bytes], end: int) -> None:
    """Drop what stands after ``end``, and go there."""
    file.truncate(end)
    file.seek(0, os.SEEK_END)


def is_foreign(path: Path, mark: str) -> bool:
    """Whether a file without one whole line is something else than a header, whose first key is ``mark``, cut short."""
    return not path.read_bytes().startswith(f'{{"{mark}"'.encode()[: path.stat().st_size])


def encoded(record: dict[str, Any]) -> bytes:
    """Return an object as a line."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def changes(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, str]:
    """Return what differs between two flat mappings, by key, as a sentence each."""
    differing = sorted(key for key in theirs.keys() | ours if theirs.get(key) != ours.get(key))
    return {key: f"{key} was {theirs.get(key)}, now {ours.get(key)}" for key in differing}
