"""The index and the check of a large folder of images by the ranks of a training that start at once.

    python benchmarks/folder_index.py [--files 200000] [--ranks 8] [--folder DIR]

Every rank is a process that has loaded torch and torchvision, as in a training, and then prepares an image_folder; all begin
that at once, when the last has loaded them. Memory is what it adds to a rank at its peak, beyond what it had before. A second
start follows with the index there.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from common import header, row

CLASSES = 100


def write_files(folder: Path, count: int) -> None:
    """Write small JPEG files in class folders; the bytes of 64 different ones, each many times."""
    source = folder.with_name("different")
    source.mkdir()
    rng = np.random.default_rng(0)
    contents = []
    for number in range(64):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(source / f"{number}.jpg")
        contents.append((source / f"{number}.jpg").read_bytes())
    for label in range(CLASSES):
        inside = folder / f"n{label:08}"
        inside.mkdir(parents=True)
        for number in range(label, count, CLASSES):
            (inside / f"n{label:08}_{number}.JPEG").write_bytes(contents[number % 64])


def rank_main(folder: str) -> None:
    """Prepare, in a process of its own, and print what it took."""
    import torchvision.io  # noqa: F401

    from zen_lightning.data import ImageFolder

    ready = Path(os.environ["XDG_CACHE_HOME"]).with_name("ready")
    ready.mkdir(exist_ok=True)
    (ready / os.environ["RANK"]).touch()
    while len(list(ready.iterdir())) < int(os.environ["WORLD_SIZE"]):
        time.sleep(0.01)
    before = resident()
    began = time.perf_counter()
    source = ImageFolder(folder, image_size=32, mean=[0.5] * 3, std=[0.5] * 3)
    source.prepare()
    images, seconds = len(source.train()) + len(source.val()), time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mb": max(0.0, peak - before), "images": images}))


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def start(folder: Path, cache: Path, ranks: int) -> list[dict[str, float]]:
    processes = []
    for rank in range(ranks):
        environment = {
            **os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(ranks), "XDG_CACHE_HOME": str(cache)
        }  # fmt: skip
        command = [sys.executable, __file__, "--rank-of", str(folder)]
        processes.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    found, reads = [], 0
    for process in processes:
        out, err = process.communicate()
        assert process.returncode == 0, err
        reads += err.count("once, to find those")
        found.append(json.loads(out))
    print(f"{reads} of {ranks} ranks read files")
    return found


def launch(folder: Path, cache: Path, ranks: int) -> list[dict[str, float]]:
    """Start the ranks below a process of their own, as torchrun does: a start is known by its parent."""
    code = (
        "import json, sys; from pathlib import Path; import folder_index; "
        f"print(json.dumps(folder_index.start(Path({str(folder)!r}), Path({str(cache)!r}), {ranks})))"
    )
    environment = {**os.environ, "PYTHONPATH": f"{Path(__file__).parent}:{os.environ.get('PYTHONPATH', '')}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    first, last = done.stdout.strip().splitlines()
    print(first)
    found: list[dict[str, float]] = json.loads(last)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--ranks", type=int, default=8)
    parser.add_argument("--folder", type=Path, help="where the files are made; default: a temporary folder")
    parser.add_argument("--rank-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rank_of:
        rank_main(options.rank_of)
        return
    header()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder, cache = Path(name) / "images", Path(name) / "cache"
        folder.mkdir()
        write_files(folder, options.files)
        first = launch(folder, cache, options.ranks)
        assert {rank["images"] for rank in first} == {options.files}
        indexes = list(cache.rglob("*.index"))
        print(f"{len(indexes)} index of {indexes[0].stat().st_size / 1e6:.1f} MB")
        shutil.rmtree(Path(name) / "ready")
        time.sleep(3)
        again = launch(folder, cache, options.ranks)
        what = f"{options.files:,} files, {options.ranks} ranks"
        most = max(rank["mb"] for rank in first + again)
        row(f"{what}: index files", str(len(indexes)), "one", len(indexes) == 1)
        row(f"{what}: memory added to a rank, the most", f"{most:.0f} MB", "under 150 MB", most < 150)
        print(f"first start, slowest rank: {max(rank['seconds'] for rank in first):.1f} s")
        slowest = max(rank["seconds"] for rank in again)
        row(f"{what}: second start, slowest rank", f"{slowest:.1f} s", "under 3 s", slowest < 3)


if __name__ == "__main__":
    main()
