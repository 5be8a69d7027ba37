"""Trains a small network by recipe=cifar and by recipe=modern_cifar, both squeezed to few epochs of real CIFAR-10, on the CPU.

    python benchmarks/modern_recipe.py

Both have the same images, epochs, warm-up and batch size; all else is the recipe's own. Accuracies are those of the last epoch.
"""

import argparse
import time

import zen_lightning as zl
from cifar10_images import cifar10_folder
from common import header, row
from zen_lightning.data import ImageFolder
from zen_lightning.training.machine import Machine

NETWORK = "SuperConvK3BNRELU(3,16,2,1)SuperResK3K3(16,32,2,32,1)SuperResK3K3(32,64,2,64,1)SuperConvK1BNRELU(64,128,1,1)"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--images", type=int, default=20_000)
    options = parser.parse_args()
    header()
    mean, std = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
    source = ImageFolder(str(cifar10_folder()), image_size=32, crop_ratio=None, mean=mean, std=std, verify=False)
    found = {}
    for recipe in ("cifar", "modern_cifar"):
        began = time.monotonic()
        trained = zl.train(
            NETWORK, source, recipe=recipe, epochs=options.epochs, batch_size=64, limit=options.images, machine=Machine("cpu")
        )
        found[recipe] = float(trained.history[-1]["val_top1"])
        seconds = time.monotonic() - began
        print(f"{recipe}: {found[recipe]:.2f}%, train loss {trained.history[-1]['train_loss']:.3f}, {seconds:.0f} s")
    measured = ", ".join(f"recipe={name} {top1:.2f}%" for name, top1 in found.items())
    row(
        f"{options.epochs} epochs of {options.images:,} images, top-1 of the last",
        measured,
        "both figures, whatever they are",
        True,
    )


if __name__ == "__main__":
    main()
