"""Searches by the calibrated score: what they take, and where their answers have their layers.

python benchmarks/calibrated_search.py time     # the loop against that of search=zen, 480,000 iterations each
python benchmarks/calibrated_search.py answers  # shapes under flops600M, with and without its limit on layers
"""

import json
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from common import ROOT, header, row
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.proxy.estimate import OutOfRangeError, estimate_top1

ANSWERS = ROOT / "benchmarks" / "data" / "calibrated_answers.json"
SEARCHES = ("zen", "zen_calibrated", "entropy", "deepmad")
PUBLISHED = "zennet_imagenet1k_flops600M_SE_res224"


def search(name: str, *overrides: str) -> dict[str, Any]:
    """Return the result of a search without finalists."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "run.py", f"search={name}", "budget=flops600M", "search.finalists=0", *overrides]
        subprocess.run([*command, f"output_dir={folder}/run"], cwd=ROOT, check=True, capture_output=True)
        found: dict[str, Any] = json.loads((Path(folder) / "run" / "result.json").read_text())
        return found


def shape(structure: str) -> list[tuple[int, int, float]]:
    """Return, of each stage of a structure at 224 px: its resolution, its layers, its percent of the FLOPs."""
    summary = Architecture.parse(structure).summary(224)[:-1]
    total = sum(part.flops for part in summary)
    stages = [(size, list(parts)) for size, parts in groupby(summary, key=lambda part: part.resolution)]
    return [(size, sum(p.layers for p in parts), 100 * sum(p.flops for p in parts) / total) for size, parts in stages]


def times() -> None:
    """Print the time of both loops."""
    seconds = {name: search(name, "seed=1")["search_seconds"] for name in ("zen", "zen_calibrated")}
    ratio = seconds["zen_calibrated"] / seconds["zen"]
    measured = f"{seconds['zen_calibrated']:.1f} s against {seconds['zen']:.1f} s: {ratio:.2f} times"
    row("search by the calibrated score, 480,000 iterations", measured, "at most 1.5 times search=zen", ratio <= 1.5)


def answers() -> None:
    """Print shapes, and store the structures for the picture."""
    found = {"published ZenNet-600M": zoo.entry(PUBLISHED).structure}
    for limit in ("", "budget.layers=null"):
        for name in SEARCHES[:2] if limit else SEARCHES:
            label = f"search={name}" + (", no limit on layers" if limit else "")
            found[label] = search(name, "search.iterations=120000", *filter(None, [limit]))["structure"]
    ANSWERS.write_text(json.dumps(found, indent=1) + "\n")
    print("| network | layers by stage (112 to 7 px) | FLOPs by stage, % | largest | estimate after 16 epochs |")
    print("|---|---|---|---|---|")
    for label, structure in found.items():
        stages = shape(structure)
        try:
            estimate = estimate_top1(Architecture.parse(structure))
            shown = f"{estimate.top1:.1f} [{estimate.low:.1f}, {estimate.high:.1f}], {len(estimate.cautions)} cautions"
        except OutOfRangeError as error:
            shown = str(error)
        layers, shares = (", ".join(f"{stage[column]:.0f}" for stage in stages) for column in (1, 2))
        print(f"| {label} | {layers} | {shares} | {max(share for *_, share in stages):.0f}% | {shown} |")


if __name__ == "__main__":
    header()
    {"time": times, "answers": answers}[sys.argv[1]]()
