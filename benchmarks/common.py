"""What the benchmark scripts share: where the golden files are, and how a figure is printed."""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from zen_lightning.proxy.base import ascending_ranks

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = Path(os.environ.get("ZEN_GOLDEN", ROOT.parent / "shared" / "golden"))


def golden(name: str) -> Any:
    """Return a golden file, or end with a sentence that says where it was looked for."""
    path = GOLDEN / name
    if not path.is_file():
        sys.exit(f"no golden file {path}: set ZEN_GOLDEN to the folder that holds it")
    return json.loads(path.read_text())


def header() -> None:
    """Print machine, commit and date."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    try:
        git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
        commit = git.stdout.strip() or "unknown"
    except OSError:
        commit = "unknown"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    when = time.strftime("%Y-%m-%d")
    print(f"{model}, {cores} cores, Python {platform.python_version()}, commit {commit}, {when}")


def row(what: str, measured: str, target: str, met: bool) -> None:
    """Print one figure against its target."""
    print(f"| {what} | {measured} | {target} | {'met' if met else 'NOT MET'} |", flush=True)


def spearman(one: list[float], two: list[float]) -> float:
    """Return the rank correlation."""
    a, b = ascending_ranks(one), ascending_ranks(two)
    mean = (len(a) + 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    return covariance / (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
