"""What a command has left in its folder, as values that can be compared."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

_LEFT_OUT = {".hydra", ".sha256", "journal", "wandb", "command.json", "stages.json", "sweep.json", "job.json", "job.log"}
"""Records of how a run came about, which the number of its attempts may change; what was found is in none of them alone."""

_OF_TIME = re.compile(
    r"seconds|per_second|minutes|images_per|speed|memory|worker_deaths|sha256|checksum|resumed|began|ended|trusted|measured"
)
"""Fields that say how long it took, or that follow from those."""


def values_of(folder: Path) -> dict[str, Any]:
    """Return every number, text and tensor of the results in a folder and below it, by file and place.

    Args:
        folder: of a run, a sweep, a tuning or a pipeline.
    """
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not _LEFT_OUT.intersection(name.parts):
            found |= {f"{name}: {key}": value for key, value in _read(path, folder)}
    return found


def _read(path: Path, folder: Path) -> Iterator[tuple[str, Any]]:
    if path.suffix == ".json":
        yield from _flat(json.loads(path.read_text().replace(str(folder), "FOLDER")), "")
    elif path.suffix == ".jsonl":
        for number, line in enumerate(path.read_text().splitlines()):
            yield from _flat(json.loads(line[: line.rindex("}") + 1]), f"line {number}")
    elif path.suffix == ".csv":
        with path.open(newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                yield from _flat(dict(row), f"row {number}")
    elif path.suffix == ".txt":
        yield "text", path.read_text().replace(str(folder), "FOLDER")
    elif path.suffix == ".safetensors":
        yield from ((key, _digest(tensor)) for key, tensor in load_file(path).items())
    elif path.name == "last.ckpt":
        state = torch.load(path, weights_only=True)
        yield from ((key, _digest(tensor)) for key, tensor in state["state_dict"].items())
        yield "step", state["global_step"]


def _flat(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if not _OF_TIME.search(str(name)):
                yield from _flat(item, f"{key}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flat(item, f"{key}[{number}]")
    else:
        yield key, value


def _digest(tensor: torch.Tensor) -> str:
    return hashlib.sha256(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()
