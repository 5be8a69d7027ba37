"""``python run.py search=zen budget=flops600M``: how long it takes, and how good its answers are.

    python benchmarks/search_flops600m.py             seeds 0 to 4, then the best of 8 restarts: about 6 minutes
    python benchmarks/search_flops600m.py --seeds 1   fewer seeds

The judge is the Monte-Carlo Zen-score (running variance, 224 px, batch 16): the mean of 4 draws, by a seed no search uses.
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
from zen_lightning.arch import Architecture
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

LIMIT_FLOPS, LIMIT_LAYERS = 600_000_000, 14
JUDGE_SEED = 20_210_201


def search(folder: Path, *overrides: str) -> tuple[dict[str, Any], float]:
    began = time.perf_counter()
    command = [sys.executable, "run.py", "search=zen", "budget=flops600M", f"output_dir={folder}", *overrides]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return json.loads((folder / "result.json").read_text()), time.perf_counter() - began


def judge(result: dict[str, Any]) -> float:
    arch = Architecture.parse(result["structure"])
    assert arch.flops(224) <= LIMIT_FLOPS
    assert arch.num_layers <= LIMIT_LAYERS
    return ZenMonteCarlo(224, "running", batch_size=16, repeats=4).score(arch, JUDGE_SEED).value


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--restarts", type=int, default=8)
    options = parser.parse_args()
    header()
    walls, loops, scores = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            result, wall = search(Path(folder) / f"seed{seed}", f"seed={seed}")
            walls.append(wall)
            loops.append(result["search_seconds"])
            scores.append(judge(result))
            print(f"seed {seed}: {scores[-1]:.2f}, {wall:.1f} s, loop {loops[-1]:.1f} s, {result['flops']:,} FLOPs", flush=True)
        wall, loop = statistics.median(walls), statistics.median(loops)
        row("480,000 iterations, start to end, median", f"{wall:.1f} s", "12 s", wall <= 12)
        row("the loop alone, median", f"{loop:.1f} s", "8 s", loop <= 8)
        row("Zen-score of the answer, worst seed", f"{min(scores):.2f}", "at least 99.5", min(scores) >= 99.5)
        if options.restarts:
            result, wall = search(Path(folder) / "restarts", f"search.restarts={options.restarts}")
            best = judge(result)
            row(f"best of {options.restarts} restarts ({wall:.0f} s)", f"{best:.2f}", "at least 99.2", best >= 99.2)


if __name__ == "__main__":
    main()
