"""Trains on digits undisturbed, then again with kill -9 at random moments and ``resume=``, and compares every weight.

    python benchmarks/killed_trainings.py [--kills 10] [--seed 0]

The killed process is the command line itself, in the middle of whatever it does: starting, training, saving, validating.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from common import ROOT, header, row

STRUCTURE = "SuperConvK3BNRELU(3,16,1,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,48,2,24,1)SuperConvK1BNRELU(48,128,1,1)"
ARGUMENTS = [
    "task=train",
    f"arch='{STRUCTURE}'",
    "dataset=digits",
    "recipe.epochs=40",
    "recipe.mixup=0.2",
    "recipe.augmentation.policy=cifar10",
    "recipe.augmentation.erasing=0.5",
    "trainer=cpu",
    "trainer.deterministic=true",
    "trainer.checkpoint_steps=5",
]


def command(folder: Path, *more: str) -> list[str]:
    return [sys.executable, str(ROOT / "run.py"), *ARGUMENTS, *more, f"output_dir={folder}"]


def state(folder: Path) -> dict[str, torch.Tensor]:
    """Return all tensors that a finished training holds: weights, statistics, momentum."""
    kept = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    momenta = kept["optimizer_states"][0]["state"]
    return {**kept["state_dict"], **{f"momentum {key}": value["momentum_buffer"] for key, value in momenta.items()}}


def saved(folder: Path) -> int:
    """Return the steps that the last checkpoint holds."""
    last = folder / "checkpoints" / "last.ckpt"
    return int(torch.load(last, weights_only=True)["global_step"]) if last.exists() else 0


def runs_on(child: subprocess.Popen[bytes], last: Path, seconds: float) -> bool:
    """Wait until a training has saved something new, and some time longer; return whether it still runs."""
    before = last.stat().st_mtime_ns if last.exists() else 0
    while child.poll() is None and not (last.exists() and last.stat().st_mtime_ns > before):
        time.sleep(0.01)
    time.sleep(seconds)
    return child.poll() is None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as parent:
        whole, cut = Path(parent) / "whole", Path(parent) / "cut"
        began = time.monotonic()
        subprocess.run(command(whole), check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        killed, where = 0, []
        while not (cut / "result.json").exists():
            child = subprocess.Popen(command(cut, "resume=auto"), stdout=subprocess.DEVNULL)
            if killed < options.kills and runs_on(child, cut / "checkpoints" / "last.ckpt", moments.uniform(0, 1.5)):
                child.kill()
                killed += 1
                where.append(saved(cut))
            child.wait()
            if child.returncode not in (0, -9):
                sys.exit(f"a resumed training ended with code {child.returncode}")
        one, two = state(whole), state(cut)
        equal = sum(torch.equal(one[key], two[key]) for key in one)
        best, other = (load_file(folder / "weights.safetensors") for folder in (whole, cut))
        same_best = all(torch.equal(best[key], other[key]) for key in best)
        header()
        print(f"undisturbed: {seconds:.0f} s; killed {killed} times, with these steps saved: {where}")
        row(
            f"killed with -9 {killed} times and resumed",
            f"{equal} of {len(one)} tensors identical, those of the best network {'too' if same_best else 'not'}",
            "all identical",
            equal == len(one) == len(two) and same_best and killed >= options.kills,
        )


if __name__ == "__main__":
    main()
