"""What ``search_space.moves=tied`` finds that ``original`` does not, by the closed form, under several budgets and seeds.

    python benchmarks/tied_moves.py --store rows.jsonl                     480,000 iterations; all searches: about 6 minutes
    python benchmarks/tied_moves.py --store rows.jsonl --most 1            one search that is not in the store yet
    python benchmarks/tied_moves.py --iterations 20000 --seeds 1           shorter

Each search is one line of the store, so that many short runs make one table.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import ROOT, header

MOVES = ("original", "tied")
BUDGETS: dict[str, tuple[tuple[str, ...], int]] = {
    "flops600M": ((), 5),
    "flops400M": ((), 3),
    "params1M": ((), 3),
    "latency": (("budget=latency03ms", "budget.latency_ms=3", "latency.profile=build-cpu", "latency.calibrate=false"), 3),
}
"""Overrides of each, where its name is not enough, and seeds."""

OPTIMA = {"flops600M": 100.2286, "flops400M": 95.3673, "params1M": 131.5122}
"""The proved optima of benchmarks/exact_optimum.py."""


def search(budget: str, moves: str, seed: int, iterations: int) -> dict[str, Any]:
    """Return the result of a search without finalists."""
    overrides = BUDGETS[budget][0] or (f"budget={budget}",)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        asked = [f"search_space.moves={moves}", f"seed={seed}", f"search.iterations={iterations}", "search.finalists=0"]
        command = [sys.executable, "run.py", "search=zen", *overrides, *asked, f"output_dir={place}"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        found: dict[str, Any] = json.loads((place / "result.json").read_text())
        return found


def stored(path: Path | None) -> dict[tuple[str, str, int, int], dict[str, float]]:
    """Return the searches of a store: score and seconds, by budget, moves, seed and iterations."""
    if path is None or not path.exists():
        return {}
    rows = map(json.loads, path.read_text().splitlines())
    return {(row["budget"], row["moves"], row["seed"], row["iterations"]): row for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=480_000)
    parser.add_argument("--seeds", type=int, help="of each budget; by default five of flops600M, three of the others")
    parser.add_argument("--budgets", nargs="+", default=list(BUDGETS), choices=list(BUDGETS))
    parser.add_argument("--store", type=Path)
    parser.add_argument("--most", type=int, default=1_000, help="searches in this run")
    options = parser.parse_args()
    header()
    rows, left = stored(options.store), options.most
    for budget in options.budgets:
        for seed in range(options.seeds or BUDGETS[budget][1]):
            for moves in MOVES:
                key = (budget, moves, seed, options.iterations)
                if key in rows or left == 0:
                    continue
                left -= 1
                result = search(*key)
                named = dict(zip(("budget", "moves", "seed", "iterations"), key, strict=True))
                rows[key] = named | {"score": result["score"], "seconds": result["search_seconds"]}
                if options.store is not None:
                    with options.store.open("a") as file:
                        file.write(json.dumps(rows[key]) + "\n")
    print("| budget | moves | scores, seeds 0, 1, ... | lowest | below the optimum |\n|---|---|---|---|---|")
    for budget in options.budgets:
        for moves in MOVES:
            mine = sorted(
                (key[2], row["score"]) for key, row in rows.items() if (*key[:2], key[3]) == (budget, moves, options.iterations)
            )
            if mine:
                scores = [score for _, score in mine]
                below = f"{OPTIMA[budget] - min(scores):.2f}" if budget in OPTIMA else "-"
                listed = ", ".join(f"{score:.2f}" for score in scores)
                print(f"| `{budget}` | {moves} | {listed} | {min(scores):.2f} | {below} |", flush=True)


if __name__ == "__main__":
    main()
