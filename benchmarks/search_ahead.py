"""``python run.py search=zen budget=flops600M`` with and without the second process that imports while the loop runs.

    python benchmarks/search_ahead.py            five runs of each, interleaved: about 2 minutes on an idle machine

Both must find the same network, or the script fails. What is timed is the command from start to end, with finalists, plots and
report; the loop alone is what ``result.json`` says.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, header, row

COMMAND = ("search=zen", "budget=flops600M")
WITHOUT = """
import zen_lightning.api.search_plan as plan
from zen_lightning.cli.main import main
plan._WORTH_A_PROCESS = 10**9
main()
"""
TARGET = 12.0


def run(ahead: bool, seed: int, folder: Path) -> tuple[float, float, str]:
    """Return the seconds from start to end, those of the loop, and the answer."""
    start = ["run.py"] if ahead else ["-c", WITHOUT]
    command = [sys.executable, *start, *COMMAND, f"seed={seed}", f"output_dir={folder}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    wall = time.perf_counter() - began
    result = json.loads((folder / "result.json").read_text())
    return wall, result["search_seconds"], f"{result['structure']} {result['score']}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    header()
    walls: dict[bool, list[float]] = {True: [], False: []}
    loops: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as made:
        for number in range(options.runs):
            answers = set()
            for ahead in (True, False) if number % 2 else (False, True):
                wall, loop, answer = run(ahead, number, Path(made) / f"{number}-{ahead}")
                walls[ahead].append(wall)
                loops[ahead].append(loop)
                answers.add(answer)
                print(f"seed {number}, {'with' if ahead else 'without'}: {wall:.1f} s, loop {loop:.1f} s", flush=True)
            assert len(answers) == 1, "the two answers differ"
    for ahead, what in ((True, "with"), (False, "without")):
        wall, loop = statistics.median(walls[ahead]), statistics.median(loops[ahead])
        row(f"start to end, median, {what} the second process", f"{wall:.1f} s (loop {loop:.1f} s)", "12 s", wall <= TARGET)


if __name__ == "__main__":
    main()
