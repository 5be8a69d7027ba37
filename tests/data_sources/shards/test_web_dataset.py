"""Shards as the webdataset library writes them: the same images and labels as it reads, each from its place."""

import builtins
import io
import pickle
import shutil
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import deep_files
from zen_lightning.data import Augmentation, ImageData, WebDataset, web_dataset
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.shards import index as shard_index
from zen_lightning.data.shards.images import ShardImages
from zen_lightning.errors import MissingExtraError, UserError

wds = pytest.importorskip("webdataset")
KNOWN: dict[str, Any] = {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "image_size": 8}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write_shards(folder: Path, name: str, count: int = 12, each: int = 5, classes: int = 3, **more: Any) -> Path:
    """Write shards by the library's own writer: noise, PNG and JPEG in turns."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(count + len(name))
    with wds.ShardWriter(str(folder / f"{name}-%04d.tar"), maxcount=each, verbose=0) as writer:
        for number in range(count):
            pixels = rng.integers(0, 256, (10, 12 + number % 3, 3), dtype=np.uint8)
            field = ("png", "jpg")[number % 2]
            label = number % classes
            writer.write({"__key__": f"{name}/{number:05}", field: pixels, "cls": label, "json": {"id": number}, **more})
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_shards(tmp_path / "shards", "imagenet-train", 24)
    return write_shards(tmp_path / "shards", "imagenet-validation", 6)


def contents(images: Any) -> list[tuple[bytes, int]]:
    return [(images.pixels(number).tobytes(), images.label(number)) for number in range(len(images))]


def test_images_are_those_that_the_library_reads(root: Path) -> None:
    source = WebDataset(str(root), **KNOWN)
    source.prepare()
    assert source.classes == ("0", "1", "2")
    for images, name, count in ((source.train(), "train", 24), (source.val(), "validation", 6)):
        shards = sorted(str(path) for path in root.glob(f"*{name}*.tar"))
        read = wds.WebDataset(shards, shardshuffle=False, empty_check=False).decode("rgb8").to_tuple("png;jpg", "cls")
        assert contents(images) == [(pixels.tobytes(), label) for pixels, label in read]
        assert len(images) == count


def test_patterns_and_names(root: Path) -> None:
    (root / "classes.txt").write_text("cat\ndog\nowl\n")
    source = WebDataset(str(root), train="imagenet-train-{0000..0002}.tar", val="imagenet-train-000[34].tar", **KNOWN)
    assert (len(source.train()), len(source.val()), source.classes) == (15, 9, ("cat", "dog", "owl"))


def test_without_shards_for_validation_a_share_is_held_out(tmp_path: Path) -> None:
    root = write_shards(tmp_path / "train", "shard", 20, classes=2).parent
    source = WebDataset(str(root), **KNOWN)
    assert (len(source.train()), len(source.val())) == (16, 4)
    everything = {*contents(source.train()), *contents(source.val())}
    assert len(everything) == 20


def test_the_index_is_made_once_and_again_after_a_change(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    look = shard_index._images_of
    monkeypatch.setattr(shard_index, "_images_of", lambda shard: looked.append(shard) or look(shard))
    first = contents(WebDataset(str(root), **KNOWN).train())
    assert len(looked) == 7
    assert contents(WebDataset(str(root), **KNOWN).train()) == first
    assert len(looked) == 7
    for path in (root.parent / "cache").rglob("*.shards.npy"):
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    assert contents(WebDataset(str(root), **KNOWN).train()) == first
    assert len(looked) == 14


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


def replace(shard: Path, change: Any) -> None:
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, content: None if name.endswith("cls") else (name, content), r"00000 in the shard .* has no label"),
        (lambda name, content: (name, b"cat") if name.endswith("cls") else (name, content), r"has the label 'cat'"),
        (lambda name, content: (name, b"-1") if name.endswith("cls") else (name, content), r"has the label '-1'"),
        (lambda name, content: None if name[-3:] in ("png", "jpg") else (name, content), r"has no image \(\.cls, \.json\)"),
        (lambda name, content: (name.replace("json", "jpeg"), content), r"has 2 images \(jpeg, png\)"),
    ],
)
def test_samples_that_are_not_usable(root: Path, change: Any, message: str) -> None:
    replace(first(root), change)
    with pytest.raises(UserError, match=message):
        WebDataset(str(root), **KNOWN).prepare()


def first(root: Path) -> Path:
    return min(root.glob("*train*.tar"))


@pytest.mark.parametrize("keep", [1000, 700])
def test_a_shard_that_is_cut_off(root: Path, keep: int) -> None:
    shard = first(root)
    shard.write_bytes(shard.read_bytes()[:keep])
    with pytest.raises(UserError, match=rf"the shard {shard} cannot be read .*complete\?"):
        WebDataset(str(root), **KNOWN).prepare()


def test_compressed_shards_are_no_shards(tmp_path: Path) -> None:
    root = write_shards(tmp_path / "shards", "train", 4)
    shard = first(root)
    with tarfile.open(root / "packed.tar", "w:gz") as tar:
        tar.add(shard, "inner.tar")
    shutil.move(root / "packed.tar", shard)
    with pytest.raises(UserError, match="without compression"):
        WebDataset(str(root), **KNOWN).prepare()


def test_an_image_that_cannot_be_read(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = first(root)
    replace(shard, lambda name, content: (name, b"no image") if name.endswith("00000.png") else (name, content))
    with pytest.raises(UserError, match=rf"the image {shard}/imagenet-train/00000.png cannot be read .*by corrupt=skip"):
        WebDataset(str(root), **KNOWN).train().pixels(0)
    images = WebDataset(str(root), corrupt="skip", **KNOWN).train()
    assert np.array_equal(images.pixels(0), images.pixels(3))
    assert images.label(3) == images.label(0)
    images.pixels(0)
    assert capsys.readouterr().err.count("skipped ") == 1
    shutil.rmtree(root)
    lost = pickle.loads(pickle.dumps(images))
    with pytest.raises(
        UserError, match=r"the images after it cannot be read \(.*No such file.*\): are their shards as they were"
    ):
        lost.pixels(0)


def test_statistics_are_measured(root: Path) -> None:
    source = WebDataset(str(root))
    values = np.concatenate([source.train().pixels(number).reshape(-1, 3) for number in range(24)]) / 255
    assert source.mean == pytest.approx(values.mean(0), abs=5e-3)
    assert source.std == pytest.approx(values.std(0), abs=5e-3)
    assert WebDataset(str(root)).mean == source.mean


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"root": None}, r"^root is missing"),
        ({"root": "/nowhere"}, r"^root=/nowhere|/nowhere is not there"),
        ({"train": "other-*.tar"}, r"there is no shard other-\*\.tar in"),
        ({"train": "{a..}.tar"}, r"there is no shard"),
        ({"train": "http://host/a.tar"}, r"train=http://host/a\.tar: expected files below root"),
        ({"val": "*train*.tar"}, r"is among the shards to train on and to validate on"),
        ({"train": 3}, r"train=3: expected a pattern"),
        ({"classes": ["a", "b"]}, r"there are labels up to 2, and classes names 2 classes"),
        ({"classes": "a"}, r"classes=a: expected a list"),
        ({"shards_at_once": 0}, r"shards_at_once=0: expected a whole number, 1 or more"),
        ({"corrupt": "no"}, r"corrupt=no: expected fatal or skip"),
        ({"std": [0, 1, 1]}, r"std=\[0, 1, 1\]: expected numbers above 0"),
        ({"crop_ratio": 2}, r"crop_ratio=2"),
    ],
)
def test_settings_that_cannot_be(root: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        WebDataset(**{"root": str(root), **KNOWN, **settings}).prepare()


def test_a_folder_without_shards(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no tar files"):
        WebDataset(str(tmp_path), **KNOWN).check()
    write_shards(tmp_path, "shard", 4)
    with pytest.raises(UserError, match=r"none of which is called like training.*train='shard-\*\.tar'"):
        WebDataset(str(tmp_path), **KNOWN).check()


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *more: Any, **options: Any) -> Any:
        if name == "webdataset":
            raise ImportError(name)
        return real(name, *more, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'zen-lightning\[webdataset\]'"):
        WebDataset(str(tmp_path))


def test_images_are_pillow_images_too(root: Path) -> None:
    images = WebDataset(str(root), **KNOWN).train()
    assert isinstance(images, ShardImages)
    assert isinstance(images.image(1), Image.Image)


def write_deep(folder: Path, tops: tuple[int, ...], colour: bool = False) -> Path:
    """Write a shard for training of PNG files of 16 bits, each a ramp up to a value."""
    folder.mkdir(parents=True, exist_ok=True)
    with wds.TarWriter(str(folder / "train.tar"), encoder=False) as writer:
        for number, top in enumerate(tops):
            path = folder.parent / "deep.png"
            values = np.linspace(0, top, 480).reshape(20, 24).astype(np.uint16)
            if colour:
                deep_files.write(path, np.stack([values] * 3, axis=2), deep_files.Kind("PNG"))
            else:
                Image.fromarray(values).save(path)
            writer.write({"__key__": f"{number:05}", "png": path.read_bytes(), "cls": str(number % 2).encode()})
    return folder


@pytest.mark.parametrize("colour", [False, True])
def test_one_range_for_all_deep_images(tmp_path: Path, capsys: pytest.CaptureFixture[str], colour: bool) -> None:
    root = write_deep(tmp_path / "shards", (4000, 200, 2048, 1000), colour)
    source = WebDataset(str(root), val_fraction=0.5, **KNOWN)
    source.prepare()
    # Two of four are trained on: the range is theirs.
    top = int(max(source.train().opened(at).getextrema()[-1] for at in range(2))) if not colour else 4000
    assert source.grey_range == ((0, 4096) if colour or top > 255 else (0, 256))
    assert "images of more than 8 bits a channel, with values from 0 to" in capsys.readouterr().err
    assert source.train().pixels(0).max() != source.train().pixels(1).max()
    seen = source.with_grey_range(GreyRange(0, 65536))
    assert [int(seen.train().pixels(at).max()) for at in range(2)] == [
        int(source.train().pixels(at).max()) // 16 for at in range(2)
    ]
    said = WebDataset(str(root), val_fraction=0.5, grey_range=[0, 8192], **KNOWN)
    assert said.with_grey_range(GreyRange(0, 65536)).grey_range == said.grey_range == (0, 8192)


def test_the_range_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_deep(tmp_path / "shards", (4000, 3000, 2048, 1000))
    WebDataset(str(root), val_fraction=0.5, **KNOWN).prepare()
    monkeypatch.setattr(web_dataset, "measured_extent", None)
    assert WebDataset(str(root), val_fraction=0.5, **KNOWN).grey_range == (0, 4096)


def test_statistics_are_those_of_the_range(tmp_path: Path) -> None:
    root = write_deep(tmp_path / "shards", (4095,) * 4)
    narrow = WebDataset(str(root), val_fraction=0.5).mean
    wide = WebDataset(str(root), val_fraction=0.5, grey_range=[0, 65536]).mean
    assert narrow[0] == pytest.approx(0.5, abs=0.01)
    assert wide[0] == pytest.approx(0.5 / 16, abs=0.01)


def test_images_of_8_bits_have_no_range(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = WebDataset(str(root), **KNOWN)
    source.prepare()
    assert source.grey_range is None
    assert "grey_range" not in capsys.readouterr().err


def test_the_largest_size_can_be_raised(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = WebDataset(str(root), max_pixels=130, **KNOWN)
    with pytest.raises(
        UserError, match=r"train-0000.tar/.* cannot be read \(it has 14 x 10 = 140 pixels, and max_pixels is 130"
    ):
        contents(small.train())
    skipping = WebDataset(str(root), max_pixels=130, corrupt="skip", **KNOWN).train()
    with pytest.raises(UserError, match=r"the images after it cannot be read \(it has 14 x 10"):  # All of its class.
        skipping.pixels(2)
    assert "max_pixels is 130: raise it" in capsys.readouterr().err
    assert len(contents(WebDataset(str(root), max_pixels=140, **KNOWN).train())) == 24
    with pytest.raises(UserError, match="max_pixels"):
        WebDataset(str(root), max_pixels=0, **KNOWN)


def test_threads_read_more_shards_than_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_shards(tmp_path / "shards", "train", 60, each=2)
    images = WebDataset(str(root), val_fraction=0.1, **KNOWN).train()
    expected = [images.pixels(at).tobytes() for at in range(len(images))]
    monkeypatch.setattr("zen_lightning.data.shards.images._MOST_OPEN", 1)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert [pixels.tobytes() for pixels in pool.map(images.pixels, range(len(images)))] == expected
