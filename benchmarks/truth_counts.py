"""Rebuilt networks of the three spaces of the truth: parameters and FLOPs of every row of the published tables.

Reads ``data/truth`` beside the golden files (``ZEN_TRUTH`` names another folder).
"""

import csv
import gzip
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from common import GOLDEN, header, row
from zen_lightning.arch import AccelArchitecture, MacroArchitecture, TransNasArchitecture
from zen_lightning.arch.published_counts import accel_nasbench_flops, transnas_flops

TRUTH = Path(os.environ.get("ZEN_TRUTH", GOLDEN.parent / "data" / "truth"))


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, or end with a sentence that says where it was looked for."""
    path = TRUTH / name
    if not path.is_file():
        sys.exit(f"no table {path}: set ZEN_TRUTH to the folder that holds it")
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def accel(values: dict[str, str]) -> tuple[bool, bool]:
    """Whether parameters and FLOPs are those of a row of Accel-NASBench."""
    arch = AccelArchitecture.parse(values["architecture"])
    return arch.num_params() == units(values["params_M"]), accel_nasbench_flops(arch) == units(values["macs_M"])


def macro(values: dict[str, str]) -> tuple[bool, bool]:
    """Likewise for NAS-Bench-Macro."""
    arch = MacroArchitecture.parse(values["architecture"])
    return arch.num_params(10) == int(values["params"]), arch.flops(32, 10) == int(values["flops"])


def transnas(values: dict[str, str]) -> tuple[bool, bool]:
    """Likewise for TransNAS-Bench-101."""
    arch = TransNasArchitecture.parse(values["architecture"])
    return arch.num_params(63) == units(values["params"]), transnas_flops(arch) == units(values["flops"])


def units(millions: str) -> int:
    """Return a count that a table gives in millions."""
    return round(float(millions) * 1e6)


TABLES: tuple[tuple[str, str, Callable[[dict[str, str]], tuple[bool, bool]]], ...] = (
    ("Accel-NASBench", "accel_nasbench_imagenet.csv.gz", accel),
    ("Accel-NASBench, reference training", "accel_nasbench_117_reference.csv.gz", accel),
    ("NAS-Bench-Macro", "nas_bench_macro.csv.gz", macro),
    ("TransNAS-Bench-101, macro", "transnas_macro_662.csv.gz", transnas),
)


def main() -> None:
    """Print how many rows of each table are exact."""
    header()
    for what, name, check in TABLES:
        start = time.perf_counter()
        exact = [check(values) for values in rows(name)]
        seconds = time.perf_counter() - start
        params, flops = (sum(column) for column in zip(*exact, strict=True))
        measured = f"params {params}, FLOPs {flops} of {len(exact)} rows exact, {seconds:.2f} s"
        row(what, measured, "every row", params == flops == len(exact))


if __name__ == "__main__":
    main()
