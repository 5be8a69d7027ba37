"""Evolution on NAS-Bench-201 with az_nas, 1,000 evaluations, 5 seeds: the true CIFAR-10 accuracy of the answers.

python benchmarks/search_nas_bench_201.py             about 40 minutes on two cores
python benchmarks/search_nas_bench_201.py --seeds 1 --search random
"""

import argparse
import csv
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from common import GOLDEN, ROOT, header, row


def accuracies() -> dict[str, float]:
    path = GOLDEN.parent / "data" / "nas_bench_201_accuracies.csv.gz"
    if not path.is_file():
        sys.exit(f"no accuracies in {path}: set ZEN_GOLDEN to the folder of the golden files, beside data/")
    with gzip.open(path, "rt") as file:
        return {entry["architecture"]: float(entry["cifar10"]) for entry in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--search", default="az_nas")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("overrides", nargs="*", help="further overrides, such as search.population_size=64")
    options = parser.parse_args()
    header()
    truth = accuracies()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            into = Path(folder) / f"seed{seed}"
            command = [
                *(sys.executable, "run.py", f"search={options.search}", "budget=nas_bench_201"),
                *(f"seed={seed}", f"workers={options.workers}", f"output_dir={into}", *options.overrides),
            ]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            result = json.loads((into / "result.json").read_text())
            found.append(truth[result["structure"]])
            print(f"seed {seed}: {found[-1]:.2f}%  {result['structure']}  {result['seconds']:.0f} s", flush=True)
    mean = statistics.fmean(found)
    row(f"{options.search}: mean accuracy of {len(found)} answers", f"{mean:.2f}%", "at least 93.5%", mean >= 93.5)
    print(f"best in the space {max(truth.values()):.2f}%, mean of the space {statistics.fmean(truth.values()):.2f}%")


if __name__ == "__main__":
    main()
