"""What the benchmark scripts share: where the golden files are, and how a figure is printed."""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

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


def ranks(values: list[float]) -> list[float]:
    """Return ranks, ties averaged."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop + 1 < len(order) and values[order[stop + 1]] == values[order[start]]:
            stop += 1
        for position in range(start, stop + 1):
            found[order[position]] = (start + stop) / 2
        start = stop + 1
    return found


def spearman(one: list[float], two: list[float]) -> float:
    """Return the rank correlation."""
    a, b = ranks(one), ranks(two)
    mean = (len(a) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    return covariance / (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
