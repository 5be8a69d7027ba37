"""What a shape costs in Zen-score under 600M FLOPs and 14 layers at 224 px: the table of docs/shapes.md, and 30 layers.

    python benchmarks/shape_costs.py            all rows
    python benchmarks/shape_costs.py 0 4        the first and the fifth

Every row is a search by the exact optimiser, which gives the best network there is and a bound on all others.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import ROOT, header, row
from zen_lightning.arch import Architecture

RESOLUTION = 224
ROWS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("nothing", (), 100.23),
    ("widths that never fall", ("shape.widths=rising",), 100.14),
    ("at least 2 layers in each stage", ("shape.layers_each_stage=2",), 92.87),
    ("at least 3 layers in each stage", ("shape.layers_each_stage=3",), 85.39),
    ("rising widths and at least 2 layers in each stage", ("shape.widths=rising", "shape.layers_each_stage=2"), 92.67),
    ("no stage with more than half of the FLOPs", ("shape.largest_share=0.5",), 98.45),
    ("nothing, 30 layers", ("budget.layers=30",), 208.09),
)
"""What is required, its keys, and the score that docs/shapes.md states."""


def optimum(*keys: str) -> tuple[Architecture, dict[str, Any]]:
    """Return the answer of the exact optimiser under budget=flops600M and further keys, and its result."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "run.py", "search=zen", "budget=flops600M", "search.optimizer=exact", "search.finalists=0"]
        subprocess.run([*command, *keys, f"output_dir={folder}/run"], cwd=ROOT, check=True, capture_output=True)
        result: dict[str, Any] = json.loads((Path(folder) / "run" / "result.json").read_text())
        return Architecture.parse(result["structure"]), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="*", default=range(len(ROWS)))
    header()
    for number in parser.parse_args().rows:
        what, keys, stated = ROWS[number]
        network, found = optimum(*keys)
        proved = f"{found['score']:.2f}, bound {found['bound']:.2f}"
        row(what, proved, f"{stated:.2f} in docs/shapes.md", abs(found["score"] - stated) <= 0.005)
        print(f"  {network}", flush=True)


if __name__ == "__main__":
    main()
