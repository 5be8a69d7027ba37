"""Trains a published network from scratch on real CIFAR-10 (JPEG), with the recipe shortened; prints the curve.

    python benchmarks/train_cifar10.py                                  on a GPU: 30 epochs
    python benchmarks/train_cifar10.py --epochs 1 --limit 20000         on a CPU: an epoch of a subset

The schedule is squeezed, mixup is off, and batch norms follow with momentum 0.1, as few steps are left to follow in.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from cifar10_images import cifar10_folder
from common import ROOT, header, row

NETWORK = "zennet_cifar10_model_size05M_res32"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--output-dir", type=Path)
    options, more = parser.parse_known_args()
    gpu = torch.cuda.is_available()
    folder = options.output_dir or Path(tempfile.mkdtemp())
    command = [
        *(sys.executable, str(ROOT / "run.py"), "task=train", f"arch={NETWORK}", "dataset=image_folder", "recipe=cifar"),
        *(f"dataset.root={cifar10_folder()}", "dataset.crop_ratio=null", "resolution=32"),
        *("dataset.mean=[0.4914,0.4822,0.4465]", "dataset.std=[0.2023,0.1994,0.2010]"),
        *(f"recipe.epochs={options.epochs}", f"recipe.warmup_epochs={min(2, 0.1 * options.epochs)}", "recipe.mixup=0"),
        *("recipe.bn_momentum=0.1", f"recipe.batch_size={options.batch_size}"),
        *(f"limit={options.limit or 'null'}", "trainer=gpu" if gpu else "trainer=cpu", f"output_dir={folder}", "resume=auto"),
        *more,
    ]
    subprocess.run(command, check=True)
    result = json.loads((folder / "result.json").read_text())
    header()
    print(f"{torch.cuda.get_device_name() if gpu else 'CPU'}, {result['training_seconds']:.0f} s, files in {folder}")
    print("| epoch | train loss | val loss | val top-1 | seconds |\n|---|---|---|---|---|")
    for epoch in csv.DictReader((folder / "history.csv").open()):
        cells = [epoch["epoch"], *(f"{float(epoch[key]):.3f}" for key in ("train_loss", "val_loss"))]
        print("| " + " | ".join([*cells, f"{float(epoch['val_top1']):.2f}%", f"{float(epoch['seconds']):.0f}"]) + " |")
    images = options.limit or result["train_images"]
    target = "at least 92% within 30 epochs on a GPU; on a CPU, a documented figure"
    met = result["val_top1"] >= 92 if gpu else True
    row(f"{NETWORK}, {options.epochs} epochs of {images:,} images", f"top-1 {result['val_top1']:.2f}%", target, met)


if __name__ == "__main__":
    main()
