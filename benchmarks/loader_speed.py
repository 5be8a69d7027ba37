"""Images a second and core of the whole recipe, from JPEG files to normalised float batches, against torchvision v2 and timm.

    OMP_NUM_THREADS=1 python benchmarks/loader_speed.py [--images 256] [--rounds 5] [--recipe imagenet cifar10]

All run in turns in one process with one thread and are timed by its CPU time; ratios are medians over the rounds. torchvision
is measured with Pillow images (what this project did before its workers delivered 8 bits) and with tensors. timm's
normalisation and erasing are those of its PrefetchLoader, on the CPU; it has no PCA lighting.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from timm.data import create_transform
from timm.data.loader import PrefetchLoader, fast_collate
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder as TorchvisionFolder
from torchvision.io import ImageReadMode, decode_image

from common import header, row
from made_up_photographs import IMAGENET_SIZES, write_photographs
from zen_lightning.data import Augmentation, ImageData, ImageFolder
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD, IMAGENET_MEAN, IMAGENET_STD

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from augmentation_reference import train_reference

BATCH = 64
RECIPES: dict[str, tuple[Augmentation, int, Any, Any]] = {
    "imagenet": (
        Augmentation(crop="resized", policy="imagenet", lighting=0.1, interpolation="bicubic"), 224, IMAGENET_MEAN, IMAGENET_STD
    ),
    "cifar10": (Augmentation(crop="pad", policy="cifar10"), 32, CIFAR_MEAN, CIFAR_STD),
}  # fmt: skip

Batches = Iterable[tuple[torch.Tensor, torch.Tensor]]


def ours(folder: Path, recipe: str) -> Batches:
    augmentation, size, mean, std = RECIPES[recipe]
    source = ImageFolder(str(folder), image_size=size, mean=mean, std=std, verify=False, val_fraction=0.01)
    data = ImageData(source, BATCH, augmentation, workers=0, channels_last=True)
    loader = data.train_dataloader()
    return map(data.finish, loader)


def torchvision_pillow(folder: Path, recipe: str) -> Batches:
    return DataLoader(TorchvisionFolder(folder, train_reference(*RECIPES[recipe])), BATCH, shuffle=True, drop_last=True)


def torchvision_tensors(folder: Path, recipe: str) -> Batches:
    whole = train_reference(*RECIPES[recipe])
    whole.transforms = [step for step in whole.transforms if type(step).__name__ != "PILToTensor"]
    images = TorchvisionFolder(folder, whole, loader=lambda path: decode_image(path, ImageReadMode.RGB))
    return DataLoader(images, BATCH, shuffle=True, drop_last=True)


def timm_prefetch(folder: Path, recipe: str) -> Batches:
    assert recipe == "imagenet"
    _, size, mean, std = RECIPES[recipe]
    transform = create_transform(
        (3, size, size), is_training=True, auto_augment="original", interpolation="bicubic", hflip=0.5, use_prefetcher=True
    )
    loader = DataLoader(
        TorchvisionFolder(folder, transform), BATCH, shuffle=True, drop_last=True, collate_fn=fast_collate
    )  # fmt: skip
    return PrefetchLoader(loader, mean, std, device=torch.device("cpu"), re_prob=0.5, re_mode="const")


def speed(make: Callable[[Path, str], Batches], folder: Path, recipe: str) -> float:
    seen, began = 0, time.process_time()
    for images, _ in make(folder, recipe):
        seen += len(images)
        assert images.dtype == torch.float32
    return seen / (time.process_time() - began)


def measure(folder: Path, recipe: str, rounds: int) -> None:
    others: list[Callable[[Path, str], Batches]] = [torchvision_pillow, torchvision_tensors]
    if recipe == "imagenet":
        others.append(timm_prefetch)
    ratios: dict[str, list[float]] = {make.__name__: [] for make in others}
    speeds: dict[str, list[float]] = {make.__name__: [] for make in (ours, *others)}
    for make in (ours, *others):
        speed(make, folder, recipe)
    for _ in range(rounds):
        for make in (ours, *others):
            speeds[make.__name__].append(speed(make, folder, recipe))
        for name in ratios:
            ratios[name].append(speeds["ours"][-1] / speeds[name][-1])
    print(
        f"{recipe}: "
        + ", ".join(f"{name} {statistics.median(found):.0f}" for name, found in speeds.items())
        + " images/s a core"
    )
    least = min(statistics.median(found) for found in ratios.values())
    row(
        f"images/s a core, {recipe} recipe, against the best of {', '.join(ratios)}",
        f"{least:.2f}: {statistics.median(speeds['ours']):.0f} images/s",
        "at least 1.0",
        least >= 1,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recipe", nargs="+", choices=[*RECIPES], default=[*RECIPES])
    options = parser.parse_args()
    torch.set_num_threads(1)
    header()
    for recipe in options.recipe:
        with tempfile.TemporaryDirectory() as name:
            sizes, count, quality = (
                (((32, 32),), 8 * options.images, 95) if recipe == "cifar10" else (IMAGENET_SIZES, options.images, 91)
            )
            size = write_photographs(Path(name), count, 8, sizes, quality)
            print(f"{count:,} JPEG files of {size / 1000:.1f} kB, Pillow {Image.__version__}, torch {torch.__version__}")
            measure(Path(name), recipe, options.rounds)


if __name__ == "__main__":
    main()
