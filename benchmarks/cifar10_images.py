"""CIFAR-10 as image folders, from the archive of JPEGs beside the golden files. Shared by the benchmarks that train on it."""

import sys
import tarfile
import tempfile
from pathlib import Path

from common import GOLDEN

ARCHIVE = GOLDEN.parent / "data" / "cifar10-jpeg.tar.gz"


def cifar10_folder() -> Path:
    """Return a folder with train/ and test/, unpacked once into the temporary folder of this machine."""
    folder = Path(tempfile.gettempdir()) / "zen-lightning-cifar10-jpeg"
    if (folder / "complete").exists():
        return folder
    if not ARCHIVE.is_file():
        sys.exit(f"no archive {ARCHIVE}: set ZEN_GOLDEN to the folder of the golden files, beside which it lies")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    (folder / "complete").touch()
    return folder
