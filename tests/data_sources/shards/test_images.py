"""The images of shards: their order, and the files that are open."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from shard_files import KNOWN, contents, write_shards
from zen_lightning.data import Augmentation, ImageData, WebDataset
from zen_lightning.data.shards.images import ShardImages

pytest.importorskip("webdataset")
pytestmark = pytest.mark.usefixtures("cache")


def batches(data: ImageData, epoch: int = 0) -> list[torch.Tensor]:
    loader = data.train_dataloader()
    assert data.train_sampler is not None
    data.train_sampler.set_epoch(epoch)
    return [data.finish(batch)[0] for batch in loader]


def equal(left: list[torch.Tensor], right: list[torch.Tensor]) -> bool:
    return len(left) == len(right) and all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("at_once", [None, 2])
def test_order_does_not_depend_on_workers_processes_or_interruptions(
    root: Path, at_once: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(batch_size: int = 4, workers: int = 0) -> ImageData:
        source = WebDataset(str(root), shards_at_once=at_once, **KNOWN)
        return ImageData(source, batch_size, Augmentation(crop="resized"), workers=workers, seed=1)

    whole = batches(made(), 1)
    assert not equal(whole, batches(made(), 0))
    assert equal(whole, batches(made(workers=2), 1))
    halves = []
    for rank in range(2):
        data = made(2)
        monkeypatch.setattr(data, "_place", lambda rank=rank: (rank, 2))
        halves.append(batches(data, 1))
    assert equal(whole, [torch.cat(pair) for pair in zip(*halves, strict=True)])
    data = made()
    data.load_state_dict({"position": [1, 2]})
    assert equal(whole[2:], [data.finish(batch)[0] for batch in data.train_dataloader()])


def test_few_shards_are_read_at_a_time(root: Path) -> None:
    images = WebDataset(str(root), shards_at_once=2, **KNOWN).train()
    order = images.order(np.random.default_rng(0))
    assert order is not None
    assert sorted(order.tolist()) == list(range(24))
    shards = images.index.shard[order]
    changes = list(dict.fromkeys(shards.tolist()))
    for first_two in (changes[:2], changes[2:4]):
        places = np.flatnonzero(np.isin(shards, first_two))
        assert places.max() - places.min() + 1 == len(places)
    assert order.tolist() != sorted(order.tolist())
    assert images.order(np.random.default_rng(1)).tolist() != order.tolist()  # type: ignore[union-attr]


def test_open_files_are_few_and_stay_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zen_lightning.data.shards.images._MOST_OPEN", 2)
    images = WebDataset(str(root), **KNOWN).train()
    expected = contents(images)
    assert len(images._files) == 2
    copy = pickle.loads(pickle.dumps(images))
    assert copy._files == {}
    assert contents(copy) == expected


def test_images_are_pillow_images_too(root: Path) -> None:
    images = WebDataset(str(root), **KNOWN).train()
    assert isinstance(images, ShardImages)
    assert isinstance(images.image(1), Image.Image)


def test_threads_read_more_shards_than_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_shards(tmp_path / "shards", "train", 60, each=2)
    images = WebDataset(str(root), val_fraction=0.1, **KNOWN).train()
    expected = [images.pixels(at).tobytes() for at in range(len(images))]
    monkeypatch.setattr("zen_lightning.data.shards.images._MOST_OPEN", 1)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert [pixels.tobytes() for pixels in pool.map(images.pixels, range(len(images)))] == expected
