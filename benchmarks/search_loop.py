"""The loop of a search in closed form, now and at an earlier commit: CPU time of the same history, interleaved.

    python benchmarks/search_loop.py --against fab22ee                          3 pairs of 60,000 iterations, about 25 s
    python benchmarks/search_loop.py --against fab22ee --iterations 480000      about 3 minutes
    python benchmarks/search_loop.py --against e5476a8 --moves tied             as search=zen moves in that space since 04da191

Both must find the same population, or the script fails.
"""

import argparse
import hashlib
import io
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from common import ROOT, header, row

START = (
    "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE4K5(16,24,2,24,1)SuperResIDWE4K5(24,48,2,48,1)SuperResIDWE4K5(48,72,2,72,1)"
    "SuperResIDWE4K5(72,96,1,96,1)SuperResIDWE4K5(96,192,2,192,1)SuperResIDWE4K5(192,320,1,320,1)SuperConvK1BNRELU(320,1280,1,1)"
)


def run_here(iterations: int, moves: str) -> None:
    """Search by whatever ``zen_lightning`` is on the path; print CPU seconds and a digest of the population."""
    from zen_lightning.arch import Architecture
    from zen_lightning.budget import Budget, FlopsLimit, LayersLimit
    from zen_lightning.proxy.closed_form import ZenClosedForm
    from zen_lightning.search.run import SearchSetup, run_search
    from zen_lightning.space import search_space

    limits = Budget([LayersLimit(14), FlopsLimit(6e8, 224, 1000)])
    space = search_space("mobilenet")
    if moves != "original":  # Older commits know no others.
        space = type(space)(moves)  # type: ignore[call-arg]
    setup = SearchSetup(space, ZenClosedForm(224), limits, Architecture.parse(START))
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        outcome = run_search(replace(setup, iterations=iterations), 0, Path(folder) / "journal.jsonl", lambda progress: None)
        spent = time.process_time() - began
    found = repr([(score, str(arch)) for score, arch, _ in outcome.ranked] + sorted(outcome.rejected.items()))
    print(spent, hashlib.sha256(found.encode()).hexdigest())


def run_with(source: Path, iterations: int, moves: str) -> tuple[float, str]:
    command = [sys.executable, __file__, "--iterations", str(iterations), "--moves", moves]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    return float(answer[0]), answer[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=60_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--moves", default="original", choices=["original", "tied"])
    parser.add_argument("--against", help="a commit")
    options = parser.parse_args()
    if options.against is None:
        run_here(options.iterations, options.moves)
        return
    header()
    archive = subprocess.run(["git", "archive", options.against, "src"], cwd=ROOT, check=True, capture_output=True).stdout
    before, after = [], []
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        for _ in range(options.pairs):
            old, digest = run_with(Path(folder) / "src", options.iterations, options.moves)
            new, same = run_with(ROOT / "src", options.iterations, options.moves)
            assert digest == same, "the two searches differ"
            before.append(old)
            after.append(new)
            print(f"{old:.2f} s at {options.against}, {new:.2f} s now: {new / old:.2f} times", flush=True)
    ratio = statistics.median(new / old for old, new in zip(before, after, strict=True))
    seconds = statistics.median(after) / options.iterations * 480_000
    row("CPU time of the loop, against before, median of pairs", f"{ratio:.2f} times", "less", ratio < 1)
    row("480,000 iterations at that pace", f"{seconds:.1f} s", "8 s on an idle core", seconds <= 8)


if __name__ == "__main__":
    main()
