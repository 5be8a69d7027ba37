"""What the tests agree with: the project's own figures in tests/data, and the shared golden files where they are present."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"
SHARED = Path(os.environ.get("ZEN_GOLDEN") or Path(__file__).parents[2] / "shared" / "golden")

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"no shared golden files in {SHARED}; the environment variable ZEN_GOLDEN names another folder"
)


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of single draws."""

    mean: float
    std: float


@dataclass(frozen=True)
class ZenFigures:
    """Monte-Carlo Zen-scores in both readings."""

    batch_size: int
    repeats: int
    batch: Moments
    running: Moments


@dataclass(frozen=True)
class GoldenArchitecture:
    """A structure and what is known of it."""

    name: str
    structure: str
    resolution: int
    num_classes: int
    layers: int
    params: int
    macs: int
    params_se: int
    macs_se: int
    original_params: float
    original_flops: float
    split: str
    zen: ZenFigures | None


@dataclass(frozen=True)
class GoldenMutation:
    """The allowed replacements of one block."""

    space: str
    structure: str
    block: int
    count: int
    sha256: str
    types: list[str]
    out_channels: list[int]
    bottleneck_channels: list[int] | None
    sub_layers: list[int] | None


def read(folder: Path, name: str) -> Any:
    """Return the content of a JSON file; an empty list where the folder is absent."""
    return json.loads((folder / name).read_text(encoding="utf-8")) if folder.is_dir() else []


@cache
def architectures(folder: Path = DATA) -> tuple[GoldenArchitecture, ...]:
    return tuple(_architecture(row) for row in read(folder, "architectures.json"))


@cache
def mutations(folder: Path = DATA) -> tuple[GoldenMutation, ...]:
    fields = ("space", "structure", "block", "count", "sha256", "types", "out_channels", "bottleneck_channels", "sub_layers")
    return tuple(GoldenMutation(**{key: row.get(key) for key in fields}) for row in read(folder, "mutations.json"))


def architecture(name: str) -> GoldenArchitecture:
    """Return one of the project's own."""
    return next(golden for golden in architectures() if golden.name == name)


def own_and_shared(load: Callable[[Path], tuple[Any, ...]]) -> list[Any]:
    """Return parameters for a test: the project's own data, then what the shared files add; skipped where they are absent."""
    own = load(DATA)
    more = [golden for golden in load(SHARED) if golden not in own]
    parameters = [pytest.param(golden, id=_name(golden)) for golden in (*own, *more)]
    return parameters if SHARED.is_dir() else [*parameters, pytest.param(None, id="shared", marks=needs_shared)]


def _name(golden: GoldenArchitecture | GoldenMutation) -> str:
    if isinstance(golden, GoldenArchitecture):
        return golden.name
    return f"{golden.space}-{golden.block}-{golden.sha256[:8]}"


def _architecture(row: dict[str, Any]) -> GoldenArchitecture:
    plain = {key: row[key] for key in ("name", "structure", "resolution", "num_classes", "layers", "split")}
    counts = {key: row[key] for key in ("params", "macs", "params_se", "macs_se")}
    originals = {"original_params": row["original_param_count"], "original_flops": row["original_flop_count"]}
    zen = row.get("zen")
    if zen is not None:
        moments = [
            Moments(zen[f"{reading}_variance"]["mean"], zen[f"{reading}_variance"]["std"]) for reading in ("batch", "running")
        ]
        zen = ZenFigures(zen["batch_size"], zen["repeats"], *moments)
    return GoldenArchitecture(**plain, **counts, **originals, zen=zen)
