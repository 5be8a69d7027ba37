"""A search under a predicted latency: how long it takes, and whether its answer is as quick as it should be.

    python benchmarks/latency_search.py NAME                        budget=latency03ms, seeds 0 to 2: about 5 minutes
    python benchmarks/latency_search.py NAME --seeds 1 --iterations 20000
    python benchmarks/latency_search.py NAME --latency 1.0 --budget latency05ms

The answer is measured again after the search, by another process.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import ROOT, header, row

SHORT, LONG = 0.95, 1.02


def run(folder: Path, *overrides: str) -> tuple[dict[str, Any], float]:
    began = time.perf_counter()
    subprocess.run([sys.executable, "run.py", *overrides, f"output_dir={folder}"], cwd=ROOT, check=True, capture_output=True)
    return json.loads((folder / "result.json").read_text()), time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("profile")
    parser.add_argument("--budget", default="latency03ms")
    parser.add_argument("--latency", type=float, help="milliseconds instead of the budget's own")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=480_000)
    options = parser.parse_args()
    header()
    profile = f"latency.profile={options.profile}"
    search = ["search=zen", f"budget={options.budget}", f"search.iterations={options.iterations}", profile]
    search += [f"budget.latency_ms={options.latency}"] if options.latency is not None else []
    walls, measured_shares, shares = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            where = Path(folder) / f"seed{seed}"
            result, wall = run(where, *search, f"seed={seed}")
            again, _ = run(where / "again", "task=latency", f"arch={where}", profile, "latency.measure_seconds=5")
            measured = again["networks"][0]["latencies"][0]["milliseconds"]
            walls.append(wall)
            known, budget = result["latency"], result["budgets"]["latency_ms"]
            measured_shares.append(known["measured_ms"] / budget)
            shares.append(measured / budget)
            print(
                f"seed {seed}: {wall:.1f} s, score {result['score']:.2f}, {result['flops']:,} FLOPs, "
                f"predicted {known['predicted_ms']:.4g} ms, measured {known['measured_ms']:.4g}, again {measured:.4g}",
                flush=True,
            )
    wall = statistics.median(walls)
    row(f"{options.iterations:,} iterations, start to end, median", f"{wall:.1f} s", "under 90 s", wall < 90)
    for what, found in (("as the search measured it", measured_shares), ("measured again by another process", shares)):
        listed = ", ".join(f"{share:.1%}" for share in found)
        row(f"latency of the answer over its budget, {what}", listed, "95% to 102%", all(SHORT <= s <= LONG for s in found))


if __name__ == "__main__":
    main()
