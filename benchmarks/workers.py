"""``workers=2`` against one: candidates per second of ``search=zen_monte_carlo budget=params1M``, as shipped.

    python benchmarks/workers.py                                 5 rounds of 150 iterations: about 12 minutes on two cores
    python benchmarks/workers.py --rounds 1 --iterations 20      a look

All have four candidates in flight, so that they score the same ones; the runs of a round follow one another, and the order
changes from round to round. The time includes the start: the import of torch, and the workers.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ROOT, header, row

KINDS = {
    "workers=2": ("workers=2",),
    "workers=1": ("workers=1",),
    "workers=1 with torch's threads": ("workers=1", "search.threads=null"),
}


def rate(folder: Path, iterations: int, *overrides: str) -> float:
    """Return the candidates scored per second of the loop."""
    fixed = ("search=zen_monte_carlo", "budget=params1M", "search.in_flight=4", f"search.iterations={iterations}")
    command = [sys.executable, "run.py", *fixed, *overrides, f"output_dir={folder}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    result = json.loads((folder / "result.json").read_text())
    return float(result["accepted"] / result["search_seconds"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=150)
    options = parser.parse_args()
    header()
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    kinds = list(KINDS)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            for kind in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
                run = Path(folder) / f"{number}-{kinds.index(kind)}"
                rates[kind].append(rate(run, options.iterations, *KINDS[kind]))
            print(f"round {number}: " + ", ".join(f"{kind} {rates[kind][-1]:.2f}/s" for kind in kinds), flush=True)
    two = statistics.median(rates["workers=2"])
    for kind in kinds[1:]:
        one = statistics.median(rates[kind])
        ratio = statistics.median(a / b for a, b in zip(rates["workers=2"], rates[kind], strict=True))
        measured = f"{two:.2f}/s against {one:.2f}/s: {ratio:.2f} times"
        row(f"workers=2 against {kind}, median of {options.rounds}", measured, "at least 1.7 times", ratio >= 1.7)
    print("Torch's threads of one worker are as many as the cores: the same cores, used otherwise.")


if __name__ == "__main__":
    main()
