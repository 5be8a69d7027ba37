"""Our own trained truth: trains a list of small networks, in an order drawn once, and appends what each reaches to a table.

    python benchmarks/trained_truth.py                               on the CPU, one at a time, for hours; stop it at any moment
    python benchmarks/trained_truth.py --device cuda --parallel 8 --budget-seconds 300
    python benchmarks/trained_truth.py --only zen_calibrated         those of one source first

Every network gets the recipe of truth_training.py on the same 20,000 images of CIFAR-10, and is judged on all 10,000 test
images after the last epoch. A training lives in a folder of its own below --folder; stopped, it goes on there. A row of the
results appears when its training has ended. The list is read anew before each training, so networks may be added while this
runs. The list itself is made by truth_networks.py, scores and tables by trained_truth_table.py.
"""

import argparse
import csv
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESERVE = 1.15
"""A training is begun where this many times the longest one so far still fits into the time that is left."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=Path, default=HERE / "data" / "trained_truth_networks.csv")
    parser.add_argument("--results", type=Path, default=HERE / "data" / "trained_truth.csv")
    parser.add_argument("--folder", type=Path, default=HERE.parent / "outputs" / "trained-truth")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--parallel", type=int, default=1, help="processes that train, each one network at a time")
    parser.add_argument("--budget-seconds", type=float, help="end after so many seconds; without it, when all are trained")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each network, with seeds 0, 1, ...")
    parser.add_argument("--only", help="networks whose space, source or id contains this")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    ends = None if options.budget_seconds is None else time.monotonic() + options.budget_seconds
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.parallel > 1 and options.worker is None:
        return oversee(options, ends)
    work(options, ends)


def oversee(options: argparse.Namespace, ends: float | None) -> None:
    """Run the workers as processes of their own; they share the work by locks in the folder."""
    prepare_images()
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--budget-seconds")]
    if options.budget_seconds is not None:
        if "--budget-seconds" in sys.argv:
            arguments.remove(sys.argv[sys.argv.index("--budget-seconds") + 1])
        arguments.append(f"--budget-seconds={ends - time.monotonic():.1f}")
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    workers = [subprocess.Popen([*command, f"--worker={index}"]) for index in range(options.parallel)]
    try:
        while any(worker.poll() is None for worker in workers):
            time.sleep(0.2)
            if ends is not None and time.monotonic() > ends:
                break
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait()
    print(f"{len(rows(options.results))} trainings in {options.results}")


def work(options: argparse.Namespace, ends: float | None) -> None:
    """Train what nobody has trained and nobody is training, until there is nothing, or no time."""
    import numpy as np
    import torch

    from truth_training import RECIPE, recipe_hash, train
    from zen_lightning.training.interruption import Interrupted

    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    with np.load(prepare_images()) as file:
        arrays = {name: file[name] for name in file.files}
    device = torch.cuda.get_device_name() if options.device == "cuda" else cpu_name()
    longest = 0.0
    while ends is None or time.monotonic() + RESERVE * longest < ends:
        task = claim(options, recipe_hash())
        if task is None:
            return
        network, seed, lock = task
        with lock:
            folder = options.folder / f"{network['id']}-{seed}-{recipe_hash()}"
            began = time.monotonic()
            try:
                outcome = train(network["structure"], folder, arrays, options.device, seed)
            except Interrupted as stop:
                print(f"{network['id']}: {stop}; call again to go on", flush=True)
                raise SystemExit(stop.code) from None
            longest = max(longest, time.monotonic() - began)
            append(
                options.results,
                {
                    **{"id": network["id"], "seed": seed, "top1": f"{outcome.top1:.2f}", "loss": f"{outcome.loss:.5f}"},
                    **{
                        "train_loss": f"{outcome.train_loss:.5f}",
                        "epochs": RECIPE.epochs,
                        "images": len(arrays["train_labels"]),
                    },
                    **{"device": device, "commit": commit(), "seconds": f"{outcome.seconds:.1f}", "recipe": recipe_hash()},
                },
            )
        print(f"{network['id']} seed {seed}: {outcome.top1:.2f}% in {outcome.seconds:.0f} s", flush=True)


class Lock:
    """A lock on one training, which ends with this process however it ends."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def taken(self) -> bool:
        """Take it; return whether that worked."""
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            return False
        return True

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


def claim(options: argparse.Namespace, recipe: str) -> tuple[dict[str, str], int, Lock] | None:
    """Return the first network of the list that nobody has trained or is training, a seed, and the lock that is held on it."""
    for seed in range(options.seeds):
        for network in sorted(rows(options.networks), key=_drawn):
            if options.only and not any(options.only in network[key] for key in ("space", "source", "id")):
                continue
            lock = Lock(options.folder / f"{network['id']}-{seed}.lock")
            # Looked up with the lock held: whoever had it before has written its row by then.
            if lock.taken():
                if (network["id"], str(seed), recipe) not in done(options.results):
                    return network, seed, lock
                lock.__exit__()
    return None


def _drawn(network: dict[str, str]) -> str:
    """Order the list by chance, so that whatever was trained so far is a fair part of it."""
    return hashlib.sha256(network["id"].encode()).hexdigest()


def done(results: Path) -> set[tuple[str, str, str]]:
    """Return id, seed and recipe of every training that has ended."""
    return {(row["id"], row["seed"], row["recipe"]) for row in rows(results)}


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def append(results: Path, row: dict[str, object]) -> None:
    """Add a row to the results, atomically, whoever else is adding one."""
    from truth_training import COLUMNS
    from zen_lightning.system.csv_files import write_csv
    from zen_lightning.system.locks import locked

    with locked(results.with_suffix(".lock")):
        known = [[entry[column] for column in COLUMNS] for entry in rows(results)]
        write_csv(results, COLUMNS, [*known, [row[column] for column in COLUMNS]], checksum=False)


def prepare_images() -> Path:
    """Return the cache of decoded images, made by whoever comes first."""
    import tempfile

    from truth_images import image_cache
    from zen_lightning.system.locks import locked

    with locked(Path(tempfile.gettempdir()) / "zen-lightning-trained-truth.lock"):
        return image_cache()


def cpu_name() -> str:
    """Return the processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "CPU")


def commit() -> str:
    """Return the commit of this checkout, as far as it is known; TRUTH_COMMIT names it where there is no git."""
    if "TRUTH_COMMIT" in os.environ:
        return os.environ["TRUTH_COMMIT"]
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False)
    return git.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
