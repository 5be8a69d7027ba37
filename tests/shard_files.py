"""Writes shards by the webdataset library, and changes them."""

import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

KNOWN: dict[str, Any] = {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "image_size": 8}


def write_shards(folder: Path, name: str, count: int = 12, each: int = 5, classes: int = 3, **more: Any) -> Path:
    """Write shards by the library's own writer: noise, PNG and JPEG in turns."""
    import webdataset as wds

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(count + len(name))
    with wds.ShardWriter(str(folder / f"{name}-%04d.tar"), maxcount=each, verbose=0) as writer:
        for number in range(count):
            pixels = rng.integers(0, 256, (10, 12 + number % 3, 3), dtype=np.uint8)
            field = ("png", "jpg")[number % 2]
            label = number % classes
            writer.write({"__key__": f"{name}/{number:05}", field: pixels, "cls": label, "json": {"id": number}, **more})
    return folder


def contents(images: Any) -> list[tuple[bytes, int]]:
    """Return pixels and label of each image."""
    return [(images.pixels(number).tobytes(), images.label(number)) for number in range(len(images))]


def rewrite_shard(shard: Path, change: Any) -> None:
    """Write a shard again, each member as ``change`` returns it; None leaves it out."""
    with tarfile.open(shard) as tar:
        members = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    with tarfile.open(shard, "w") as tar:
        for name, content in members:
            changed = change(name, content)
            if changed is not None:
                entry = tarfile.TarInfo(changed[0])
                entry.size = len(changed[1])
                tar.addfile(entry, io.BytesIO(changed[1]))


def first_shard(root: Path) -> Path:
    """Return the first shard to train on."""
    return min(root.glob("*train*.tar"))
