"""Images a second and core of the whole recipe, from files or arrays to normalised float batches, against torchvision and timm.

    OMP_NUM_THREADS=1 python benchmarks/loader_speed.py [--images 256] [--rounds 5] [--recipe imagenet cifar10 arrays]

All run in turns in one process with one thread and are timed by its CPU time; ratios are medians over the rounds. torchvision
is measured with Pillow images (what this project did before its workers delivered 8 bits) and with tensors. timm's
normalisation and erasing are those of its PrefetchLoader, on the CPU; it has no PCA lighting, and no policy for CIFAR.

``imagenet`` and ``cifar10`` read JPEG files. ``arrays``: the recipe of CIFAR on arrays in memory, as CIFAR-10 is kept: one by
one (``dataset.placement=cpu``) and many at once (``dataset.placement=device``, the CPU being the device). ``modern_arrays``:
likewise with TrivialAugment. ``shards``: the recipe of ImageNet from shards of the WebDataset format (``dataset=webdataset``),
against that library's own pipeline with torchvision's transforms.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import webdataset
from PIL import Image
from timm.data import create_transform
from timm.data.loader import PrefetchLoader, fast_collate
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import ImageFolder as TorchvisionFolder
from torchvision.io import ImageReadMode, decode_image

from common import header, row
from made_up_photographs import IMAGENET_SIZES, write_photographs
from zen_lightning.data import ArrayImages, Augmentation, DataSource, ImageData, ImageFolder, WebDataset
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD, IMAGENET_MEAN, IMAGENET_STD

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from augmentation_reference import train_reference

BATCH = 64
RECIPES: dict[str, tuple[Augmentation, int, Any, Any]] = {
    "imagenet": (
        Augmentation(crop="resized", policy="imagenet", lighting=0.1, interpolation="bicubic"), 224, IMAGENET_MEAN, IMAGENET_STD
    ),
    "cifar10": (Augmentation(crop="pad", policy="cifar10"), 32, CIFAR_MEAN, CIFAR_STD),
    "arrays": (Augmentation(crop="pad", policy="cifar10"), 32, CIFAR_MEAN, CIFAR_STD),
    "modern_arrays": (Augmentation(crop="pad", policy="trivial", erasing=0.0), 32, CIFAR_MEAN, CIFAR_STD),
}  # fmt: skip
RECIPES["shards"] = RECIPES["imagenet"]
ARRAYS = ("arrays", "modern_arrays")

Batches = Iterable[tuple[torch.Tensor, torch.Tensor]]


def ours(folder: Path, recipe: str) -> Batches:
    augmentation, size, mean, std = RECIPES[recipe]
    source = ImageFolder(str(folder), image_size=size, mean=mean, std=std, verify=False, val_fraction=0.01)
    data = ImageData(source, BATCH, augmentation, workers=0, channels_last=True)
    loader = data.train_dataloader()
    return map(data.finish, loader)


class Arrays(DataSource):
    """The images of a folder in memory."""

    name, image_size, classes, mean, std = "arrays", 32, tuple("abcdefgh"), CIFAR_MEAN, CIFAR_STD

    def __init__(self, folder: Path, placement: str) -> None:
        self.placement = placement
        files = TorchvisionFolder(folder)
        self.pixels = np.stack([np.asarray(image) for image, _ in files])
        self.labels = np.array(files.targets)

    def prepare(self) -> None:
        """Do nothing: they are there."""

    def train(self) -> ArrayImages:
        return ArrayImages(self.pixels, self.labels)

    def val(self) -> ArrayImages:
        return ArrayImages(self.pixels[:1], self.labels[:1])


class TorchvisionArrays(Dataset[tuple[Any, int]]):
    """Arrays as torchvision's CIFAR10 gives them."""

    def __init__(self, folder: Path, transform: Any, tensors: bool) -> None:
        self.source, self.transform, self.tensors = Arrays(folder, "cpu"), transform, tensors

    def __len__(self) -> int:
        return len(self.source.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        pixels = self.source.pixels[index]
        image = torch.from_numpy(pixels).permute(2, 0, 1) if self.tensors else Image.fromarray(pixels)
        return self.transform(image), int(self.source.labels[index])


def one_by_one(folder: Path, recipe: str) -> Batches:
    return from_arrays(folder, recipe, "cpu")


def many_at_once(folder: Path, recipe: str) -> Batches:
    return from_arrays(folder, recipe, "device")


def from_arrays(folder: Path, recipe: str, placement: str) -> Batches:
    data = ImageData(Arrays(folder, placement), BATCH, RECIPES[recipe][0], workers=0, channels_last=True)
    return map(data.finish, data.train_dataloader())


def torchvision_arrays(folder: Path, recipe: str) -> Batches:
    images = TorchvisionArrays(folder, train_reference(*RECIPES[recipe]), tensors=False)
    return DataLoader(images, BATCH, shuffle=True, drop_last=True)


def torchvision_array_tensors(folder: Path, recipe: str) -> Batches:
    whole = train_reference(*RECIPES[recipe])
    whole.transforms = [step for step in whole.transforms if type(step).__name__ != "PILToTensor"]
    return DataLoader(TorchvisionArrays(folder, whole, tensors=True), BATCH, shuffle=True, drop_last=True)


def write_shards(folder: Path) -> Path:
    """Return the folder of shards with the images of a folder, written once."""
    place = folder.parent / f"{folder.name}-shards"
    if not place.exists():
        place.mkdir()
        with webdataset.ShardWriter(str(place / "train-%d.tar"), maxcount=64, verbose=0) as writer:
            for number, (path, label) in enumerate(TorchvisionFolder(folder).samples):
                writer.write({"__key__": f"{number:06}", "jpg": Path(path).read_bytes(), "cls": label})
    return place


def ours_from_shards(folder: Path, recipe: str) -> Batches:
    augmentation, size, mean, std = RECIPES[recipe]
    source = WebDataset(str(write_shards(folder)), image_size=size, mean=mean, std=std, val_fraction=0.01)
    data = ImageData(source, BATCH, augmentation, workers=0, channels_last=True)
    return map(data.finish, data.train_dataloader())


def webdataset_pillow(folder: Path, recipe: str) -> Batches:
    shards = sorted(str(path) for path in write_shards(folder).glob("*.tar"))
    images = webdataset.WebDataset(shards, shardshuffle=100, empty_check=False).shuffle(1000).decode("pil")
    samples = images.to_tuple("jpg", "cls").map_tuple(train_reference(*RECIPES[recipe]))
    return DataLoader(samples, BATCH, drop_last=True)


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
    batches = make(folder, recipe)
    seen, began = 0, time.process_time()
    for images, _ in batches:
        seen += len(images)
        assert images.dtype == torch.float32
    return seen / (time.process_time() - began)


def measure(folder: Path, recipe: str, rounds: int) -> None:
    mine, others = ours, [torchvision_pillow, torchvision_tensors]
    if recipe in ARRAYS:
        mine, others = many_at_once, [one_by_one, torchvision_arrays, torchvision_array_tensors]
    if recipe == "imagenet":
        others.append(timm_prefetch)
    if recipe == "shards":
        mine, others = ours_from_shards, [webdataset_pillow]
    ratios: dict[str, list[float]] = {make.__name__: [] for make in others}
    speeds: dict[str, list[float]] = {make.__name__: [] for make in (mine, *others)}
    for make in (mine, *others):
        speed(make, folder, recipe)
    for _ in range(rounds):
        for make in (mine, *others):
            speeds[make.__name__].append(speed(make, folder, recipe))
        for name in ratios:
            ratios[name].append(speeds[mine.__name__][-1] / speeds[name][-1])
    print(
        f"{recipe}: "
        + ", ".join(f"{name} {statistics.median(found):.0f}" for name, found in speeds.items())
        + " images/s a core"
    )
    medians = {name: statistics.median(found) for name, found in ratios.items()}
    own, reached = statistics.median(speeds[mine.__name__]), medians.pop("one_by_one", None)
    if reached is not None:
        text = f"{reached:.2f}: {own:.0f} against {statistics.median(speeds['one_by_one']):.0f} images/s"
        row(f"images/s a core, {recipe}, many at once against one by one", text, "at least 2", reached >= 2)
    least = min(medians.values())
    row(
        f"images/s a core, {recipe} recipe, against the best of {', '.join(medians)}",
        f"{least:.2f}: {own:.0f} images/s",
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
                (IMAGENET_SIZES, options.images, 91)
                if recipe in ("imagenet", "shards")
                else (((32, 32),), 8 * options.images, 95)
            )
            size = write_photographs(Path(name) / "photographs", count, 8, sizes, quality)
            print(f"{count:,} JPEG files of {size / 1000:.1f} kB, Pillow {Image.__version__}, torch {torch.__version__}")
            measure(Path(name) / "photographs", recipe, options.rounds)


if __name__ == "__main__":
    main()
