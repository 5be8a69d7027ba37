"""Make docs/images/report.png, cloud.png and front.png again, by the commands that their pages name.

    python benchmarks/report_pictures.py

`search=zen budget=flops600M` leaves the report, which a headless Chromium photographs, and the cloud of its candidates;
`task=pareto budget=flops600M objectives='[flops,params]'` leaves the front. A minute each on an idle core.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from common import ROOT

IMAGES = ROOT / "docs" / "images"
WINDOW, WIDTH = (1280, 2080), 900
"""Pixels of the window that the report is photographed in, down to the drawing of the network, and the width of the picture."""


def run(*overrides: str) -> None:
    """Run a command of this checkout."""
    subprocess.run([sys.executable, ROOT / "run.py", *overrides], check=True, cwd=ROOT)


def photograph(page: Path, path: Path) -> None:
    """Save the upper part of a page."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import Browser, find_browser

    with Browser(find_browser()) as browser:
        browser.open(page, *WINDOW)
        browser.picture(path, whole=False)
    with Image.open(path) as image:
        smaller = image.convert("RGB").resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    smaller.save(path, optimize=True)


def main() -> None:
    """Make the three pictures."""
    parser = argparse.ArgumentParser(description="Make the pictures of reports again.")
    parser.add_argument("--iterations", type=int, default=480_000)
    options = parser.parse_args()
    size = f"search.iterations={options.iterations}"
    with tempfile.TemporaryDirectory() as place:
        search, front = Path(place) / "search", Path(place) / "front"
        run("search=zen", "budget=flops600M", size, f"output_dir={search}")
        photograph(search / "report.html", IMAGES / "report.png")
        shutil.copyfile(search / "cloud.png", IMAGES / "cloud.png")
        run("task=pareto", "budget=flops600M", "objectives=[flops,params]", size, f"output_dir={front}")
        shutil.copyfile(front / "front.png", IMAGES / "front.png")


if __name__ == "__main__":
    main()
