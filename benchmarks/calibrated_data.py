"""The data sets that the calibrated score is fitted on and held against, as networks of the language. Reads ``data/truth``."""

import csv
import gzip
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common import GOLDEN
from zen_lightning.arch import AccelArchitecture, Architecture, MacroArchitecture, TransNasArchitecture

TRUTH = Path(os.environ.get("ZEN_TRUTH", GOLDEN.parent / "data" / "truth"))
Array = NDArray[np.float64]


@dataclass
class DataSet:
    """Networks and what they reached.

    Attributes:
        name: for the tables.
        networks: parsed.
        accuracy: by the name of the task, in percent.
        resolution: height and width of its images.
        num_classes: logits.
        tolerance: of costs that count as equal.
    """

    name: str
    networks: list[Architecture]
    accuracy: dict[str, Array]
    resolution: int
    num_classes: int
    tolerance: float

    def __post_init__(self) -> None:
        """Count."""
        self.flops = np.array([float(net.flops(self.resolution, self.num_classes)) for net in self.networks])
        self.params = np.array([float(net.num_params(self.num_classes)) for net in self.networks])

    def part(self, chosen: NDArray[np.bool_], name: str) -> "DataSet":
        """Return a subset."""
        networks = [net for net, keep in zip(self.networks, chosen, strict=True) if keep]
        accuracy = {task: values[chosen] for task, values in self.accuracy.items()}
        return DataSet(name, networks, accuracy, self.resolution, self.num_classes, self.tolerance)


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table, or end with a sentence that says where it was looked for."""
    path = TRUTH / name
    if not path.is_file():
        sys.exit(f"no table {path}: set ZEN_TRUTH to the folder that holds it")
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def role(text: str) -> str:
    """Return what a row of Accel-NASBench is for, once and for all: half to fit, a fifth to choose, the rest to report."""
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 100
    return "fit" if number < 50 else "choose" if number < 70 else "report"


def accel() -> dict[str, DataSet]:
    """Return Accel-NASBench's 16-epoch table in its three parts."""
    table = rows("accel_nasbench_imagenet.csv.gz")
    whole = _data_set("Accel-NASBench", table, AccelArchitecture.parse, {"top-1": "top1"}, 224, 1000, 0.10)
    roles = np.array([role(row["architecture"]) for row in table])
    return {part: whole.part(roles == part, f"Accel-NASBench, {part}") for part in ("fit", "choose", "report")}


def reference() -> DataSet:
    """Return the networks of the reference training; the mean of three seeds of it, and of the short one."""
    table = rows("accel_nasbench_117_reference.csv.gz")
    for row in table:
        for kind in ("reference", "short"):
            row[kind] = str(np.mean([float(row[f"{kind}_seed{seed}"]) for seed in (1, 2, 3)]))
    columns = {"reference training": "reference", "16 epochs": "short"}
    return _data_set("59 reference networks", table, AccelArchitecture.parse, columns, 224, 1000, 0.15)


def macro() -> DataSet:
    """Return NAS-Bench-Macro."""
    table = rows("nas_bench_macro.csv.gz")
    return _data_set("NAS-Bench-Macro", table, MacroArchitecture.parse, {"CIFAR-10": "cifar10"}, 32, 10, 0.10)


def transnas() -> DataSet:
    """Return the macro space of TransNAS-Bench-101."""
    table = rows("transnas_macro_662.csv.gz")
    columns = {"scene": "class_scene", "object": "class_object"}
    return _data_set("TransNAS macro", table, TransNasArchitecture.parse, columns, 256, 63, 0.15)


def gated_stages(networks: list[Architecture]) -> Array:
    """Return how many of a network's blocks have a squeeze-and-excitation: the ``se`` whose effect is taken out."""
    return np.array([float(sum(block.name.endswith("SE") for block in net.blocks)) for net in networks])


def _data_set(
    name: str,
    table: list[dict[str, str]],
    parse: Callable[[str], Architecture],
    columns: dict[str, str],
    resolution: int,
    num_classes: int,
    tolerance: float,
) -> DataSet:
    networks = [parse(row["architecture"]) for row in table]
    accuracy = {task: np.array([float(row[column]) for row in table]) for task, column in columns.items()}
    return DataSet(name, networks, accuracy, resolution, num_classes, tolerance)
