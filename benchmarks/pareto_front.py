"""``python run.py task=pareto budget=flops600M``: how long it takes, and its networks against searches made for each budget.

    python benchmarks/pareto_front.py                       front, 12 FLOPs budgets, 6 budgets of FLOPs and parameters
    python benchmarks/pareto_front.py --seeds 2             the better of two dedicated searches for each
    python benchmarks/pareto_front.py --objectives '[flops,params,layers]'

A dedicated search is the same 480,000 iterations under one budget, with the same layer limit and by the same closed form. About
3 minutes a seed. FLOPs budgets below the start's are searched from a smaller network.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import yaml

from common import ROOT, header, row
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit, ParamsLimit
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

RESOLUTION, CLASSES, LARGEST, LAYERS = 224, 1000, 600e6, 14
START = yaml.safe_load((ROOT / "conf" / "budget" / "flops600M.yaml").read_text())["start"]
SMALL_START = (
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,16,2,8,1)SuperResIDWE2K3(16,24,2,16,1)SuperResIDWE2K3(24,48,2,24,1)"
    "SuperResIDWE2K3(48,64,2,48,1)SuperConvK1BNRELU(64,2048,1,1)"
)
BUDGETS = [(LARGEST * (0.15 + 0.85 * step / 11), None) for step in range(12)]
BOTH = [(200e6, 3.0e6), (200e6, 3.7e6), (350e6, 3.5e6), (350e6, 5.0e6), (500e6, 4.5e6), (500e6, 6.5e6)]


class Job(NamedTuple):
    flops: float
    params: float | None
    seed: int
    iterations: int


def dedicated(job: Job) -> float:
    limits: list[Limit] = [LayersLimit(LAYERS), FlopsLimit(job.flops, RESOLUTION, CLASSES)]
    if job.params is not None:
        limits.append(ParamsLimit(job.params, CLASSES))
    start = Architecture.parse(START)
    if start.flops(RESOLUTION, CLASSES) > job.flops:
        start = Architecture.parse(SMALL_START)
    setup = SearchSetup(search_space("mobilenet"), ZenClosedForm(RESOLUTION), Budget(limits), start, job.seed)
    evolution = setup.evolution(0)
    evolution.advance(job.iterations)
    return evolution.best


def front(folder: Path, options: argparse.Namespace) -> tuple[list[dict[str, str]], float, float]:
    command = [sys.executable, "run.py", "task=pareto", "budget=flops600M", f"objectives={options.objectives}"]
    command += [f"search.iterations={options.iterations}", f"seed={options.seed}", f"output_dir={folder}"]
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    wall = time.perf_counter() - began
    loop = json.loads((folder / "result.json").read_text())["search_seconds"]
    return list(csv.DictReader((folder / "front.csv").open())), wall, loop


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=480_000)
    parser.add_argument("--objectives", default="[flops,params]")
    parser.add_argument("--seed", type=int, default=0, help="of the front")
    parser.add_argument("--seeds", type=int, default=1, help="dedicated searches for each budget; the best counts")
    parser.add_argument("--processes", type=int, default=2, help="dedicated searches at a time")
    options = parser.parse_args()
    header()
    with tempfile.TemporaryDirectory() as folder:
        rows, wall, loop = front(Path(folder) / "front", options)
    print(f"front of score and {options.objectives}: {len(rows):,} networks, {wall:.1f} s, loop {loop:.1f} s", flush=True)
    print("| FLOPs at most | params at most | dedicated | front | ratio |\n|---|---|---|---|---|")
    budgets = [*BUDGETS, *BOTH]
    jobs = [Job(*limits, seed, options.iterations) for limits in budgets for seed in range(options.seeds)]
    ratios = []
    with ProcessPoolExecutor(options.processes) as executor:
        scores = executor.map(dedicated, jobs)
        for flops, params in budgets:
            best = max(next(scores) for _ in range(options.seeds))
            fitting = [r for r in rows if int(r["flops"]) <= flops and int(r["params"]) <= (params or float("inf"))]
            found = max((float(r["score"]) for r in fitting), default=0.0)
            ratios.append(found / best)
            limit = f"{params / 1e6:.1f}M" if params else ""
            print(f"| {flops / 1e6:.0f}M | {limit} | {best:.2f} | {found:.2f} | {found / best:.1%} |", flush=True)
    single, both = min(ratios[: len(BUDGETS)]), min(ratios[len(BUDGETS) :])
    row("a front of 480,000 iterations, start to end", f"{wall:.1f} s", "under 180 s", wall < 180)
    row("lowest ratio over the FLOPs budgets", f"{single:.1%}", "at least 98%", single >= 0.98)
    print(f"lowest ratio under two limits: {both:.1%}")


if __name__ == "__main__":
    main()
