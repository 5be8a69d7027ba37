"""The same sweep of 12 short searches by several launchers: how much faster than one after another.

python benchmarks/sweep_launchers.py                                  about 4 minutes on two cores
python benchmarks/sweep_launchers.py --iterations 2000                a look
python benchmarks/sweep_launchers.py --launchers "serial launcher.threads=1" joblib ray    others
python benchmarks/sweep_launchers.py --iterations 100000 --overrides search.finalists=0  no torch
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, header, row

_TARGET = 1.8


def sweep(launcher: str, folder: Path, iterations: int, overrides: list[str]) -> tuple[float, dict[str, str]]:
    """Run the sweep, and return the seconds that it took and the structures that were found."""
    command = [
        sys.executable,
        str(ROOT / "run.py"),
        "-m",
        *f"launcher={launcher}".split(),
        "search=zen",
        "budget=params1M,params2M,flops400M,flops600M",
        "seed=1,2,3",
        f"search.iterations={iterations}",
        *overrides,
        f"output_dir={folder}",
    ]
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        sys.exit(f"launcher={launcher}: the sweep ended with code {done.returncode}; see above")
    jobs = json.loads((folder / "sweep.json").read_text())["jobs"]
    return seconds, {job["folder"]: (folder / job["folder"] / "best_structure.txt").read_text() for job in jobs}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=20_000)
    parser.add_argument("--launchers", nargs="+", default=["serial", "joblib"])
    parser.add_argument("--overrides", nargs="*", default=[])
    options = parser.parse_args()
    header()
    with tempfile.TemporaryDirectory() as folder:
        first = None
        for number, launcher in enumerate(options.launchers):
            seconds, found = sweep(launcher, Path(folder) / str(number), options.iterations, options.overrides)
            first = first or (seconds, found)
            ratio = first[0] / seconds
            measured = f"{len(found)} jobs in {seconds:.1f} s, {ratio:.2f} times as fast"
            whole = len(found) == 12 and found == first[1]
            if number == 0:
                row(f"launcher={launcher}", f"{len(found)} jobs in {seconds:.1f} s", "12 jobs", len(found) == 12)
            else:
                row(f"launcher={launcher}", measured, f"the same 12, {_TARGET} times as fast", whole and ratio >= _TARGET)


if __name__ == "__main__":
    main()
