"""``task=pareto search.optimizer=exact``: the best network for FLOPs budgets from 1G down, each with its bound.

python benchmarks/exact_front.py                 16 limits from 1G to 62.5M
python benchmarks/exact_front.py --limits 30
python benchmarks/exact_front.py --objectives flops,params    each with up to five limits on parameters
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import GOLDEN, ROOT, header, row


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits", type=int, default=16)
    parser.add_argument("--objectives", default="flops")
    options = parser.parse_args()
    two = "," in options.objectives
    header()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "run.py", "task=pareto", "budget=flops600M", "budget.flops=1G"]
        command += [
            "search.optimizer=exact",
            f"objectives=[{options.objectives}]",
            "search.processes=null",
            f"structures={options.limits}",
            f"output_dir={folder}/run",
        ]
        began = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        wall = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime
        rows = list(csv.DictReader((Path(folder) / "run" / "front.csv").open()))
        seconds = json.loads((Path(folder) / "run" / "result.json").read_text())["search_seconds"]
    rows = [one for one in rows if int(one["flops"]) >= 90_000_000]
    furthest = max(float(one["bound"]) - float(one["score"]) for one in rows)
    said = f"front of {options.objectives}, {options.limits} limits, start to end"
    row(said, f"{wall:.1f} s ({seconds:.1f} s the search; {cpu:.0f} s of CPU)", "-" if two else "under 30 s", two or wall < 30)
    row(
        f"{len(rows)} networks from 90M on: furthest from its bound",
        f"{furthest:.3f}",
        "-" if two else "at most 0.2",
        two or furthest <= 0.2,
    )
    gaps = sorted(float(one["bound"]) - float(one["score"]) for one in rows)
    within = [f"{share:.0%} within {gaps[int(share * (len(gaps) - 1))]:.3f}" for share in (0.5, 0.9, 0.99)]
    print(f"  of their bounds: {', '.join(within)}")
    path = GOLDEN / "optima.json"
    if path.is_file():
        curve = next(known["curve"] for known in json.loads(path.read_text()) if "curve" in known)
        for name, known in curve.items():
            limit = int(name.removesuffix("M")) * 1_000_000
            best = max((float(one["score"]) for one in rows if int(one["flops"]) <= limit), default=0.0)
            print(f"  {name}: {best:.2f}, golden {known}")


if __name__ == "__main__":
    main()
