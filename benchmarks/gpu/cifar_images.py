"""CIFAR-10 as image folders, from the archive of JPEGs beside the golden files: all of it, or a sample of it."""

import os
import tarfile
from pathlib import Path

ARCHIVE = Path(os.environ.get("ZEN_GOLDEN", Path(__file__).resolve().parents[3] / "shared" / "golden")).parent / (
    "data/cifar10-jpeg.tar.gz"
)


def unpacked(folder: Path, every: int = 1) -> Path | None:
    """Return a folder with train/ and test/, unpacked once; None where there is no archive.

    Args:
        folder: of the check.
        every: keep one file in so many.
    """
    place = folder / f"cifar10-every-{every}"
    if (place / "complete").exists():
        return place
    if not ARCHIVE.is_file():
        return None
    with tarfile.open(ARCHIVE) as archive:
        kept = 0
        for member in archive:
            if not member.isfile():
                continue
            kept += 1
            if kept % every == 0:
                archive.extract(member, place, filter="data")
    (place / "complete").touch()
    return place


def dataset(place: Path) -> list[str]:
    """Return the arguments of a training on them: images of 32 pixels, the statistics of CIFAR, no check of each file."""
    return [
        *("dataset=image_folder", "recipe=cifar", f"dataset.root={place}", "dataset.crop_ratio=null", "resolution=32"),
        *("dataset.mean=[0.4914,0.4822,0.4465]", "dataset.std=[0.2023,0.1994,0.2010]", "dataset.verify=false"),
    ]
