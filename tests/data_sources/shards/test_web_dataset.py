"""Shards as the webdataset library writes them: the same images and labels as it reads, each from its place."""

from pathlib import Path

import numpy as np
import pytest

from shard_files import KNOWN, contents, write_shards
from zen_lightning.data import WebDataset
from zen_lightning.data.shards import index as shard_index
from zen_lightning.errors import UserError

wds = pytest.importorskip("webdataset")
pytestmark = pytest.mark.usefixtures("cache")


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


def test_names_of_classes_as_editors_of_windows_save_them(root: Path) -> None:
    (root / "classes.txt").write_bytes("cat\r\ndog\r\nowl\r\n".encode("utf-8-sig"))
    assert WebDataset(str(root), **KNOWN).classes == ("cat", "dog", "owl")
    (root / "classes.txt").write_bytes("cat\r\ndog\r\nowl\r\n".encode("utf-16"))
    with pytest.raises(UserError, match=r"classes\.txt: it is no UTF-8 text: save the file as UTF-8"):
        _ = WebDataset(str(root), **KNOWN).classes


def test_without_shards_for_validation_a_share_is_held_out(tmp_path: Path) -> None:
    root = write_shards(tmp_path / "train", "shard", 20, classes=2).parent
    source = WebDataset(str(root), **KNOWN)
    assert (len(source.train()), len(source.val())) == (16, 4)
    everything = {*contents(source.train()), *contents(source.val())}
    assert len(everything) == 20


def test_how_many_are_held_out_is_said_and_an_evaluation_takes_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_shards(tmp_path / "train", "shard", 20, classes=2)
    WebDataset(str(root), train="*.tar", **KNOWN).val()
    assert f"{root} has no shards for validation: 4 of 20 images are held out" in capsys.readouterr().err
    whole = WebDataset(str(root), train="*.tar", val_fraction=1)
    whole.prepare()
    assert (len(whole.val()), len(whole.mean), whole.classes) == (20, 3, ("0", "1"))
    assert "held out" not in capsys.readouterr().err
    with pytest.raises(UserError, match="val_fraction=1: no image is left to train on; give a share below 1"):
        whole.train()


@pytest.mark.parametrize("name", ["test", "shard"])
@pytest.mark.parametrize("pattern", [{}, {"train": "{name}-*.tar"}, {"val": "{name}-*.tar"}])
def test_all_of_a_test_whatever_its_shards_are_called(tmp_path: Path, name: str, pattern: dict[str, str]) -> None:
    root = write_shards(tmp_path / "images", name, 20, classes=2)
    patterns = {key: value.format(name=name) for key, value in pattern.items()}
    assert len(WebDataset(str(root), val_fraction=1, **patterns, **KNOWN).val()) == 20


def test_shards_for_validation_are_taken_whatever_the_share(root: Path) -> None:
    source = WebDataset(str(root), val_fraction=1, **KNOWN)
    assert (len(source.train()), len(source.val())) == (24, 6)


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


def test_statistics_are_measured(root: Path) -> None:
    source = WebDataset(str(root))
    values = np.concatenate([source.train().pixels(number).reshape(-1, 3) for number in range(24)]) / 255
    assert source.mean == pytest.approx(values.mean(0), abs=5e-3)
    assert source.std == pytest.approx(values.std(0), abs=5e-3)
    assert WebDataset(str(root)).mean == source.mean
