"""What ``search_space.moves=tied`` finds that ``independent`` does not, under two budgets, by the closed form.

    python benchmarks/tied_moves.py                                       240,000 iterations, seeds 0 to 2: about 4 minutes
    python benchmarks/tied_moves.py --iterations 20000 --seeds 1          shorter

Times of the loop are given as ratios, as they can be compared within a run only.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import ROOT, header

OPTIMA = {"flops600M": 100.2286, "params1M": 131.5122}
"""The proved optima of benchmarks/exact_optimum.py."""


def search(folder: Path, *overrides: str) -> dict[str, Any]:
    command = [sys.executable, "run.py", "search=zen", "search.finalists=0", f"output_dir={folder}", *overrides]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return json.loads((folder / "result.json").read_text())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=240_000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    header()
    print("| budget | moves | scores, seeds 0, 1, ... | lowest below the optimum | time of the loop, ratio |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for budget, optimum in OPTIMA.items():
            seconds: dict[str, float] = {}
            found: dict[str, list[float]] = {"independent": [], "tied": []}
            spent: dict[str, list[float]] = {"independent": [], "tied": []}
            for seed in range(options.seeds):
                for moves in found:  # One after the other, so that the load of the machine is about the same for both.
                    result = search(
                        Path(folder) / f"{budget}-{moves}-{seed}",
                        f"budget={budget}",
                        f"search_space.moves={moves}",
                        f"search.iterations={options.iterations}",
                        f"seed={seed}",
                    )
                    found[moves].append(result["score"])
                    spent[moves].append(result["search_seconds"])
            for moves, scores in found.items():
                seconds[moves] = statistics.median(spent[moves])
                listed = ", ".join(f"{score:.2f}" for score in scores)
                ratio = seconds[moves] / seconds["independent"]
                print(f"| `{budget}` | {moves} | {listed} | {optimum - min(scores):.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
