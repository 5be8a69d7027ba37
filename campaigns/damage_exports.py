"""Exported files, shards of a dataset, lists of images and files of classes: how a sound one is made, and how it is read."""

import io
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from campaign import apart
from damage_kinds import TINY, Kind

_FORMATS = ("onnx", "torch_export", "openvino")


def exported(folder: Path) -> Iterator[Kind]:
    """Yield a file of each format, read as ``task=evaluate arch=FILE`` does it: its metadata, and its logits of an image."""
    from zen_lightning.api.exported import read_exported
    from zen_lightning.arch import Architecture
    from zen_lightning.nets import build_network
    from zen_lightning.nets.export import EXPORTERS, export_network

    torch.manual_seed(0)
    network = build_network(Architecture.parse(TINY), 10, False).eval()
    images = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    for kind in EXPORTERS:
        exporter = kind()
        if exporter.name not in _FORMATS:
            continue
        path = folder / exporter.name / f"network{exporter.suffix}"
        path.parent.mkdir(parents=True)
        apart(lambda path=path, exporter=exporter: export_network(network, path, exporter, resolution=8))  # type: ignore[misc]

        def read(path: Path = path, exporter: Any = exporter) -> Any:
            run, _, metadata = read_exported(path, exporter)
            return metadata, run(images).numpy().tobytes()

        yield Kind(f"{path.name}, exported", path, read)
        for beside in exporter.companions(path):
            yield Kind(f"{beside.name}, exported", beside, read)
        yield from _of_others(path, exporter, folder / "others" / exporter.name, images)


def _of_others(path: Path, exporter: Any, folder: Path, images: Any) -> Iterator[Kind]:
    """Yield the same files without a checksum beside them, as another program leaves them."""
    from zen_lightning.api.exported import exported_network

    folder.mkdir(parents=True)
    for one in (path, *exporter.companions(path)):
        shutil.copyfile(one, folder / one.name)

    def read() -> Any:
        found = exported_network(folder / path.name, exporter)
        return found.preprocessing, found.structure, found.network(images).numpy().tobytes()

    for one in (path, *exporter.companions(path)):
        yield Kind(f"{one.name} of others", folder / one.name, read, guarded=False)


def datasets(folder: Path) -> Iterator[Kind]:
    """Yield a shard, its cached index, its classes, and a list of images."""
    from zen_lightning.data.found_images import find_images
    from zen_lightning.data.index_file import cache_folder
    from zen_lightning.data.web_dataset import WebDataset

    root = folder / "shards"
    root.mkdir(parents=True)
    shard = root / "train-0.tar"
    with tarfile.open(shard, "w") as tar:
        for number in range(6):
            image = io.BytesIO()
            pixels = np.random.default_rng(number).integers(0, 255, (9, 7, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(image, "PNG")
            for ending, content in (("png", image.getvalue()), ("cls", str(number % 2).encode())):
                member = tarfile.TarInfo(f"{number}.{ending}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    (root / "val-0.tar").write_bytes(shard.read_bytes())
    names = root / "classes.txt"
    names.write_text("cat\ndog\n")

    def read() -> Any:
        source = WebDataset(str(root), mean=[0.5] * 3, std=[0.5] * 3)
        source.prepare()
        images = source.train()
        return source.classes, [(images.label(at), images.pixels(at).tobytes()) for at in range(len(images))]

    read()
    index = next(path for path in sorted(cache_folder().glob("*.shards.npy")))
    yield Kind("a shard", shard, read, guarded=False)
    yield Kind("classes.txt of shards", names, read, guarded=False)
    yield Kind("index of shards", index, read)
    listed = folder / "list.txt"
    (folder / "a.png").write_bytes(b"")
    (folder / "b.png").write_bytes(b"")
    listed.write_text("a.png\nb.png\n")
    yield Kind("a list of images", listed, lambda: find_images(str(listed)), guarded=False)
    picture = folder / "image.png"
    Image.fromarray(np.random.default_rng(7).integers(0, 255, (19, 17, 3), dtype=np.uint8)).save(picture)

    def decoded() -> Any:
        from zen_lightning.data.decode import decode_pixels

        return decode_pixels(picture).tobytes()

    yield Kind("an image", picture, decoded, guarded=False)
