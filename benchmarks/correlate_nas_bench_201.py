"""How well each proxy ranks 1,000 uniformly drawn networks of NAS-Bench-201 by their CIFAR-10 accuracy.

    python benchmarks/correlate_nas_bench_201.py --images DIR      about an hour on two cores; resumes when called again
    python benchmarks/correlate_nas_bench_201.py --sample 50       a small one, on noise

DIR is CIFAR-10 as class folders (or a folder with such a ``train``). Runs ``task=correlate`` and holds its figures against
those that the papers, or the AZ-NAS paper (https://arxiv.org/abs/2403.19232), report for this space.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from common import GOLDEN, ROOT, header, row

PROXIES = (
    *("flops", "params", "random", "zen_monte_carlo", "synflow", "meco", "naswot", "swap", "az_nas", "zico"),
    # Smaller batches than shipped: the dearest of all, and not among those with a published figure.
    *(f"{{name: {name}, batch_size: 32}}" for name in ("grad_norm", "snip", "fisher", "jacob_cov")),
    "{name: grasp, batch_size: 16}",
    "{name: te_nas, batch_size: 8}",
)
PUBLISHED = {"naswot": (0.557, 0.743), "synflow": (0.571, 0.769), "zico": (0.607, 0.802)}
COUNTED = {"flops": (0.578, 0.753), "params": (0.578, 0.753)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", help="CIFAR-10 as class folders; without it, noise")
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "outputs" / "correlate-nas-bench-201")
    options = parser.parse_args()
    header()
    if (options.folder / "command.json").exists():
        command = [f"resume={options.folder}"]
    else:
        csv = GOLDEN.parent / "data" / "nas_bench_201_accuracies.csv.gz"
        command = [
            *(
                "task=correlate",
                "budget=nas_bench_201",
                f"accuracies={csv}",
                "accuracy=cifar10",
                f"output_dir={options.folder}",
            ),
            *(f"proxies=[{','.join(PROXIES)}]", f"sample={options.sample}", f"seed={options.seed}"),
            *(["dataset=image_folder", f"dataset.root={options.images}"] if options.images else []),
        ]
    subprocess.run([sys.executable, "run.py", *command, f"workers={options.workers}"], cwd=ROOT, check=True)
    result = json.loads((options.folder / "result.json").read_text())
    found = {entry["proxy"]: (entry["kendall"], entry["spearman"]) for entry in result["proxies"]}
    kendall, spearman = found["az_nas"]
    row("az_nas, Kendall", f"{kendall:.3f}", "at least 0.70", kendall >= 0.70)
    row("az_nas, Spearman", f"{spearman:.3f}", "at least 0.88", spearman >= 0.88)
    for name, figures in {**PUBLISHED, **COUNTED}.items():
        for what, ours, theirs in zip(("Kendall", "Spearman"), found[name], figures, strict=True):
            row(f"{name}, {what}", f"{ours:.3f}", f"{theirs} ± 0.05", abs(ours - theirs) <= 0.05)


if __name__ == "__main__":
    main()
