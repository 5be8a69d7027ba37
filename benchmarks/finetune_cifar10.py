"""Fine-tunes a network trained on five classes of CIFAR-10 to the other five, 500 images each, against training from scratch.

    python benchmarks/finetune_cifar10.py

Real CIFAR-10 (JPEG), on the CPU. Accuracies are those of the last epoch, so that the test images choose nothing. From scratch
there are two rates, of which the better one counts.
"""

import argparse
import dataclasses
import tempfile
import time
from pathlib import Path

import zen_lightning as zl
from cifar10_images import cifar10_folder
from common import header, row
from zen_lightning.api.training_plan import read_recipe
from zen_lightning.data import ImageFolder
from zen_lightning.training.machine import Machine

NETWORK = "SuperConvK3BNRELU(3,16,2,1)SuperResK3K3(16,32,2,32,1)SuperResK3K3(32,64,2,64,1)SuperConvK1BNRELU(64,128,1,1)"
FIRST = ("airplane", "automobile", "bird", "cat", "deer")
OTHERS = ("dog", "frog", "horse", "ship", "truck")


def images(classes: tuple[str, ...], each: int, place: Path) -> ImageFolder:
    """Return some classes as a folder of links: the first images of each to train on, all test images to validate on."""
    whole = cifar10_folder()
    for part, count in (("train", each), ("test", 10_000)):
        for name in classes:
            folder = place / part / name
            folder.mkdir(parents=True)
            for path in sorted((whole / part / name).iterdir())[:count]:
                (folder / path.name).symlink_to(path)
    mean, std = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
    return ImageFolder(str(place), image_size=32, crop_ratio=None, mean=mean, std=std, verify=False)


def last_top1(trained: object) -> float:
    return float(trained.history[-1]["val_top1"])  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--before", type=int, default=8, help="epochs on the first five classes")
    parser.add_argument("--images", type=int, default=1000, help="of each of the first five classes")
    options = parser.parse_args()
    header()
    recipe, augmentation = read_recipe("finetune")
    fresh = dataclasses.replace(recipe, backbone_lr=None, frozen_stages=0, frozen_epochs=None, lr=0.8)
    machine = Machine("cpu")
    with tempfile.TemporaryDirectory() as place:
        first, others = images(FIRST, options.images, Path(place, "first")), images(OTHERS, 500, Path(place, "others"))
        began = time.monotonic()
        run = Path(place, "run")
        shared = {"augmentation": augmentation, "machine": machine, "resolution": 32}
        before = zl.train(NETWORK, first, recipe=fresh, epochs=options.before, folder=run, **shared)
        print(f"the first five: {last_top1(before):.2f}% after {options.before} epochs, {time.monotonic() - began:.0f} s")
        tuned = last_top1(zl.train(NETWORK, others, recipe=recipe, weights=run, epochs=options.epochs, **shared))
        print(f"fine-tuned: {tuned:.2f}%")
        scratch = []
        for lr in (0.2, 0.8):
            again = dataclasses.replace(fresh, lr=lr)
            scratch.append(last_top1(zl.train(NETWORK, others, recipe=again, epochs=options.epochs, **shared)))
            print(f"from scratch, recipe.lr={lr}: {scratch[-1]:.2f}%")
        what = f"the other five classes, 500 images each, {options.epochs} epochs, top-1 of the last"
        measured = f"fine-tuned {tuned:.2f}%, from scratch {max(scratch):.2f}%"
        row(what, measured, "fine-tuning better at equal epochs", tuned > max(scratch))


if __name__ == "__main__":
    main()
