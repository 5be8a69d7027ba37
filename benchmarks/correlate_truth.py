"""How well the proxies in closed form rank networks of equal cost, on five columns of four tables of real accuracies.

    python benchmarks/correlate_truth.py             runs task=correlate on each, then task=aggregate over all; minutes
    python benchmarks/correlate_truth.py --only accel --fresh    one of them again, for its time
    python benchmarks/correlate_truth.py --modules   pycls' models by name at 64 px, proxies by Monte-Carlo

Reads ``data/truth``, or what ``ZEN_TRUTH`` names. Run folders go to ``outputs/correlate-truth`` (``--folder``), where a
second call goes on. The run's own files have every figure; the Markdown of docs/benchmarks.md is printed.
"""

import argparse
import csv
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from common import GOLDEN, ROOT, header, row

TRUTH = Path(os.environ.get("ZEN_TRUTH", GOLDEN.parent / "data" / "truth"))
PYCLS = ROOT / "benchmarks" / "data" / "pycls_models.csv"
CLOSED = (
    *("zen", "{name: zen, bn_variance: batch}"),
    *("{name: zen_calibrated, weights: imagenet}", "{name: zen_calibrated, weights: small}"),
    *("{name: deepmad, rho: null}", "entropy", "flops", "params", "random"),
)
MODULES = tuple(
    name if name in ("flops", "params", "synflow") else f"{{name: {name}, batch_size: 16}}"
    for name in ("zen_monte_carlo", "flops", "params", "synflow", "az_nas", "naswot")
)
LIMIT = 60.0
"""Seconds that the closed forms may take over the 3,083 networks, on two cores."""


class Study(NamedTuple):
    """One column of one table.

    Attributes:
        table: its file.
        accuracy: the columns whose mean is the accuracy.
        budget: that brings resolution and classes.
        within: what counts as equal; the first is the overview's.
        given: whose linear effect is taken out.
    """

    table: str
    accuracy: tuple[str, ...]
    budget: str
    within: str = "[{flops: 10%},{params: 10%}]"
    given: str = "null"


REFERENCE = tuple(f"reference_seed{seed}" for seed in (1, 2, 3))
THREE = "[{flops: 10%},{flops: 15%},{params: 10%}]"
STUDIES = {
    "accel": Study("accel_nasbench_imagenet.csv.gz", ("top1",), "accel_nasbench", given="[se_stages]"),
    "reference": Study("accel_nasbench_117_reference.csv.gz", REFERENCE, "accel_nasbench", THREE, "[se_stages]"),
    "macro": Study("nas_bench_macro.csv.gz", ("cifar10",), "nas_bench_macro"),
    "scene": Study("transnas_macro_662.csv.gz", ("class_scene",), "transnas_macro", THREE),
    "object": Study("transnas_macro_662.csv.gz", ("class_object",), "transnas_macro", THREE),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=[*STUDIES], action="append")
    parser.add_argument("--modules", action="store_true", help="pycls' models by name instead")
    parser.add_argument("--fresh", action="store_true", help="do not go on with what is there")
    parser.add_argument("--workers", type=int, default=1, help="closed forms need one; with --modules take 2")
    parser.add_argument("--folder", type=Path, default=ROOT / "outputs" / "correlate-truth")
    options = parser.parse_args()
    header()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.modules:
        setting = ["resolution=64", "num_classes=1000", "within=[{flops: 25%},{params: 25%}]"]
        command = [f"accuracies={PYCLS}", "accuracy=top1", f"proxies=[{','.join(MODULES)}]", *setting]
        correlate(options.folder / "pycls", command, options)
        print((options.folder / "pycls" / "correlations.md").read_text())
        return
    for name in options.only or STUDIES:
        study = STUDIES[name]
        table = written_table(study, options.folder / f"{name}.csv")
        seconds = correlate(
            options.folder / name,
            [
                *(f"budget={study.budget}", f"accuracies={table}", "accuracy=accuracy"),
                *(f"proxies=[{','.join(CLOSED)}]", f"within={study.within}", f"given={study.given}"),
            ],
            options,
        )
        if name == "accel" and seconds is not None:
            row(f"closed forms over {count(options.folder / name):,} networks", f"{seconds:.1f} s", "60 s", seconds < LIMIT)
    if options.only is None:
        folders = ",".join(str(options.folder / name) for name in STUDIES)
        run(["task=aggregate", f"sweep=[{folders}]", f"output_dir={options.folder / 'all'}"])
        print(markdown(options.folder))


def correlate(folder: Path, arguments: list[str], options: argparse.Namespace) -> float | None:
    """Run a study, or go on with it, and return the seconds it took from start to end; None for one that was done."""
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    if (folder / "result.json").exists():
        return None
    begun = (folder / "command.json").exists()
    command = [f"resume={folder}"] if begun else ["task=correlate", *arguments, f"output_dir={folder}"]
    began = time.monotonic()
    run([*command, f"workers={options.workers}"])
    return time.monotonic() - began


def run(arguments: list[str]) -> None:
    """Run a command, its table to the terminal."""
    subprocess.run([sys.executable, "run.py", *arguments], cwd=ROOT, check=True)


def count(folder: Path) -> int:
    """Return how many networks a study is about."""
    return int(json.loads((folder / "result.json").read_text())["networks"])


def written_table(study: Study, path: Path) -> Path:
    """Write the networks of a study, one row each: the mean of its accuracies, and in how many stages it has SE.

    One network of Accel-NASBench stands in its table twice, with two trainings.
    """
    with gzip.open(TRUTH / study.table, "rt", newline="") as file:
        found: dict[str, list[float]] = {}
        for one in csv.DictReader(file):
            found.setdefault(one["architecture"], []).append(statistics.fmean(float(one[column]) for column in study.accuracy))
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["architecture", "accuracy", "se_stages"])
        writer.writerows([text, f"{statistics.fmean(values):.6f}", text.count("s1")] for text, values in found.items())
    return path


def markdown(folder: Path) -> str:
    """Return Kendall's tau at equal FLOPs (10%) by proxy and data set."""
    cells: dict[str, dict[str, str]] = {}
    for name in STUDIES:
        for found in json.loads((folder / name / "result.json").read_text())["proxies"]:
            value, low, high = (found[f"kendall_within_flops_10{end}"] for end in ("", "_low", "_high"))
            text = "-" if value is None else f"{value:.2f} [{low:.2f}, {high:.2f}]"
            cells.setdefault(found["proxy"], {})[name] = text
    lines = ["| proxy | " + " | ".join(STUDIES) + " |", "|---|" + "---|" * len(STUDIES)]
    lines += [f"| {proxy} | " + " | ".join(row.get(name, "-") for name in STUDIES) + " |" for proxy, row in cells.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
