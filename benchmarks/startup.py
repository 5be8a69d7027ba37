"""How long the command line takes to help, and the package to import: medians of several runs.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time

from common import ROOT, header, row

REPEATS = 9


def median_seconds(*arguments: str) -> float:
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def main() -> None:
    header()
    helps = median_seconds("run.py", "--help")
    row("`python run.py --help`", f"{helps:.2f} s", "under 1.5 s", helps < 1.5)
    imports = median_seconds("-c", "import zen_lightning")
    bare = median_seconds("-c", "pass")
    check = "import sys, zen_lightning; print('torch' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    torch_loaded = loaded.strip() == "True"
    measured = f"{imports:.3f} s (bare Python {bare:.3f} s), torch {'' if torch_loaded else 'not '}imported"
    row('`python -c "import zen_lightning"`', measured, "under 0.2 s, torch not imported", imports < 0.2 and not torch_loaded)


if __name__ == "__main__":
    main()
