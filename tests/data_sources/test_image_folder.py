"""A user's own images."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataset_files import truncate, write_folder, write_image
from zen_lightning.data import ImageFolder, image_folder, verification
from zen_lightning.data.decode import Reading
from zen_lightning.data.index_file import cache_folder
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.data.seen_source import SeenSource
from zen_lightning.data.statistics import evenly_spread
from zen_lightning.errors import UserError

Reads = list[str]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_folder(tmp_path / "images" / "train", each=4)
    write_folder(tmp_path / "images" / "val", each=2)
    return tmp_path / "images"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """The files that were verified."""
    found: Reads = []
    original = verification.verdict_of

    def noted(path: str, reading: Reading) -> tuple[int, str | None]:
        found.append(path)
        return original(path, reading)

    monkeypatch.setattr(verification, "verdict_of", noted)
    return found


def names(source: ImageFolder) -> tuple[list[str], list[str]]:
    return sorted(source.train().paths), sorted(source.val().paths)


def test_two_folders(root: Path) -> None:
    source = ImageFolder(str(root))
    train, val = names(source)
    assert (source.classes, len(train), len(val)) == (("cat", "dog"), 8, 4)
    assert all(f"{root}/train/" in path for path in train)
    assert all(f"{root}/val/" in path for path in val)
    for images in (source.train(), source.val()):
        assert [images.label(i) for i in range(len(images))] == [int("/dog/" in path) for path in images.paths]


def test_test_stands_in_for_val(root: Path) -> None:
    (root / "val").rename(root / "test")
    assert all(f"{root}/test/" in path for path in names(ImageFolder(str(root)))[1])


@pytest.mark.parametrize("inside", ["", "train"])
def test_one_folder_is_split(tmp_path: Path, inside: str) -> None:
    write_folder(tmp_path / "images" / inside, each=10)
    train, val = names(ImageFolder(str(tmp_path / "images"), val_fraction=0.3))
    assert (len(train), len(val)) == (14, 6)
    assert sum("/cat/" in path for path in val) == 3
    assert (train, val) == names(ImageFolder(str(tmp_path / "images"), val_fraction=0.3))
    assert val != names(ImageFolder(str(tmp_path / "images"), val_fraction=0.3, split_seed=1))[1]


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    write_folder(tmp_path / "images", ("plane", "train"))
    assert ImageFolder(str(tmp_path / "images")).classes == ("plane", "train")


def test_classes_choose_and_order(root: Path) -> None:
    write_folder(root / "train", ("owl",))
    write_folder(root / "val", ("owl",))
    source = ImageFolder(str(root), classes=["owl", "cat"])
    assert source.classes == ("owl", "cat")
    assert not any("/dog/" in path for path in names(source)[0])
    assert source.train().label(0) == 0
    assert "/owl/" in source.train().paths[0]


def test_hidden_files_other_files_and_sub_folders(root: Path) -> None:
    write_image(root / "train" / "cat" / ".hidden.png")
    write_image(root / "train" / ".thumbnails" / "1.png")
    write_image(root / "train" / "cat" / "deep" / "er" / "LOUD.JPG")
    (root / "train" / "cat" / "notes.txt").write_text("")
    (root / "train" / "cat" / "deep" / "circle").symlink_to(root / "train" / "cat")
    train = names(ImageFolder(str(root)))[0]
    assert len(train) == 9
    assert f"{root}/train/cat/deep/er/LOUD.JPG" in train


def test_names_of_any_bytes(root: Path) -> None:
    name = os.fsdecode("größe-\udcff".encode("utf-8", "surrogateescape"))
    (root / "train" / "cat" / "000.png").rename(root / "train" / "cat" / f"{name}.png")
    source = ImageFolder(str(root))
    source.prepare()
    assert source.train().image(3).mode == "RGB"
    ImageFolder(str(root)).prepare()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: (root / "train" / "emu").mkdir(), r"class folder .*train/emu has no images"),
        (lambda root: write_folder(root / "val", ("owl",)), r"have different classes \(only in .*val: owl\)"),
        (lambda root: [(root / part / "emu").mkdir() for part in ("train", "val")], r"class folder .*train/emu has no images"),
        (lambda root: (root / "val").rename(root.parent / "v"), None),
        (
            lambda root: root.rename(root.parent / "elsewhere"),
            r"images: it cannot be read .*No such file.*; expected a folder",
        ),
        (
            lambda root: [path.unlink() for path in (root / "val").rglob("*.png")],
            r"the class folder .*val/cat has no images",
        ),
    ],
)
def test_folders_that_do_not_fit(root: Path, change: object, message: str | None) -> None:
    change(root)  # type: ignore[operator]
    if message is None:
        ImageFolder(str(root)).prepare()
        return
    with pytest.raises(UserError, match=message):
        ImageFolder(str(root)).prepare()


@pytest.mark.parametrize("how", ["absent", "empty", "unreadable"])
@pytest.mark.parametrize("classes", [None, ["dog", "cat"]])
def test_the_validation_may_lack_a_class(
    root: Path, how: str, classes: list[str] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (root / "val" / "cat").iterdir():
        truncate(path) if how == "unreadable" else path.unlink()
    if how == "absent":
        (root / "val" / "cat").rmdir()
    for _ in range(2):  # The second time the index is read from its file.
        source = ImageFolder(str(root), classes=classes, corrupt="skip")
        source.prepare()
        assert source.classes == tuple(classes or ("cat", "dog"))
        dog = source.classes.index("dog")
        assert {source.val().label(index) for index in range(len(source.val()))} == {dog}
        assert len(source.val()) == 2
        said = capsys.readouterr().err
        assert "val has no images of 1 of 2 classes (cat): they are trained on" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"root": None}, r"^root is missing"),
        ({"classes": ["cat", "dgo"]}, r"^classes has 'dgo', and .*; did you mean 'dog'\?"),
        ({"classes": ["cat", "cat"]}, "has 'cat' twice"),
        ({"classes": "cat"}, r"^classes=cat: expected a list, such as \[cat\]"),
        ({"crop_ratio": "much"}, r"^crop_ratio=much"),
        ({"classes": []}, r"^classes=\[\]"),
        ({"mean": [0.5, 0.5]}, r"^mean=\[0\.5, 0\.5\]: expected three numbers"),
        ({"std": [0.5, 0, 0.5]}, r"^std=\[0\.5, 0\.0, 0\.5\]: expected numbers above 0"),
        ({"corrupt": "ignore"}, r"^corrupt=ignore: expected fatal or skip"),
        ({"image_size": 0}, r"^image_size=0"),
        ({"crop_ratio": 1.5}, r"^crop_ratio=1\.5"),
    ],
)
def test_bad_arguments(root: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        ImageFolder(**{"root": str(root), **arguments}).prepare()  # type: ignore[arg-type]


def test_a_corrupt_image_is_fatal(root: Path) -> None:
    for name in ("001", "003"):
        truncate(root / "train" / "dog" / f"{name}.png")
    with pytest.raises(
        UserError, match=r"the image .*train/dog/001\.png cannot be read \(.+\), and 1 more: replace it, or .*corrupt=skip"
    ):
        ImageFolder(str(root)).prepare()


def test_corrupt_images_are_left_out(root: Path, capsys: pytest.CaptureFixture[str], cache: Path) -> None:
    for part, name in (("train", "001"), ("val", "000")):
        truncate(root / part / "dog" / f"{name}.png")
    source = ImageFolder(str(root), corrupt="skip")
    source.prepare()
    train, val = names(source)
    assert (len(train), len(val)) == (7, 3)
    assert not any(path.endswith("train/dog/001.png") for path in train)
    said = capsys.readouterr().err
    assert f"left out 2 images that cannot be read: {root}/train/dog/001.png, {root}/val/dog/000.png" in said
    listing = next(cache.rglob("*.corrupt.txt")).read_text()
    assert [line.partition("\t")[0] for line in listing.splitlines()] == [
        f"{root}/train/dog/001.png",
        f"{root}/val/dog/000.png",
    ]


def test_a_class_of_corrupt_images(root: Path) -> None:
    for path in (root / "train" / "dog").iterdir():
        truncate(path)
    with pytest.raises(UserError, match="no image of class 'dog' to train on can be read"):
        ImageFolder(str(root), corrupt="skip").prepare()


def test_corrupt_images_alone_to_validate_on(root: Path) -> None:
    for path in (root / "val").rglob("*.png"):
        truncate(path)
    with pytest.raises(UserError, match="no image to validate on can be read"):
        ImageFolder(str(root), corrupt="skip").prepare()


def test_every_file_is_verified_once(root: Path, reads: Reads) -> None:
    ImageFolder(str(root)).prepare()
    assert len(reads) == 12
    reads.clear()
    ImageFolder(str(root)).prepare()
    assert reads == []
    write_image(root / "train" / "cat" / "000.png", seed=77, size=(30, 30))
    write_image(root / "val" / "cat" / "new.png", seed=78)
    ImageFolder(str(root)).prepare()
    assert sorted(reads) == [f"{root}/train/cat/000.png", f"{root}/val/cat/new.png"]


def test_a_file_damaged_or_mended_later_is_noticed(root: Path, reads: Reads) -> None:
    path = root / "train" / "cat" / "000.png"
    ImageFolder(str(root)).prepare()
    truncate(path)
    for _ in range(2):
        with pytest.raises(UserError, match=r"train/cat/000\.png cannot be read"):
            ImageFolder(str(root)).prepare()
    write_image(path, seed=5)
    ImageFolder(str(root)).prepare()
    assert len(reads) == 12 + 1 + 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\0" * 3000, b"zen-lightning index 1\n000000000002\n{}", None])
def test_a_damaged_cache_is_none(root: Path, damage: bytes | None, reads: Reads) -> None:
    first = ImageFolder(str(root))
    first.prepare()
    files = sorted(cache_folder().iterdir())
    assert [path.suffix for path in files].count(".index") == 2
    for path in files:
        content = path.read_bytes()
        path.unlink()  # Not written into: the first source has it in its memory.
        path.write_bytes(content[:-40] if damage is None else damage)
    reads.clear()
    again = ImageFolder(str(root))
    again.prepare()
    assert len(reads) == 12
    assert (again.mean, names(again)) == (first.mean, names(first))
    reads.clear()
    ImageFolder(str(root)).prepare()
    assert reads == []


def test_a_cache_that_cannot_be_written(root: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write_text("in the way")
    source = ImageFolder(str(root))
    source.prepare()
    assert len(source.train()) == 8
    assert "is not kept" in capsys.readouterr().err


def test_what_was_verified_is_kept_when_stopped(root: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = verification.verdict_of

    def stopped(path: str, reading: Reading) -> tuple[int, str | None]:
        if path.endswith("dog/003.png"):
            raise KeyboardInterrupt
        return noted(path, reading)

    monkeypatch.setattr(verification, "verdict_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        ImageFolder(str(root)).prepare()
    monkeypatch.setattr(verification, "verdict_of", noted)
    reads.clear()
    ImageFolder(str(root)).prepare()
    assert 0 < len(reads) <= 5


def test_measured_statistics(root: Path) -> None:
    source = ImageFolder(str(root))
    train = source.train()
    pixels = np.stack([np.asarray(train.image(index)) for index in range(len(train))]) / 255
    assert source.mean == pytest.approx(pixels.mean(axis=(0, 1, 2)), abs=1e-6)
    assert source.std == pytest.approx(pixels.std(axis=(0, 1, 2)), abs=1e-6)


def test_statistics_are_measured_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ImageFolder(str(root))
    first.prepare()
    monkeypatch.setattr("zen_lightning.data.measured_source.channel_statistics", None)
    again = ImageFolder(str(root))
    again.prepare()
    assert (again.mean, again.std) == (first.mean, first.std)
    given = ImageFolder(str(root), classes=["dog"], mean=[0.1, 0.2, 0.3], std=[1, 1, 1])
    given.prepare()
    assert given.mean == (0.1, 0.2, 0.3)
    with pytest.raises(TypeError):  # Other images: measured anew.
        ImageFolder(str(root), classes=["dog"]).prepare()


def test_at_most_ten_thousand_are_measured_evenly_spread() -> None:
    picked = evenly_spread(1_281_167)
    assert len(picked) == len(set(picked.tolist())) == 10_000
    assert (picked[0], set(np.diff(picked).tolist())) == (0, {128, 129})


def test_images_of_one_colour_can_be_normalised(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("0", "1", "2"):
        (tmp_path / "images" / "black").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "images" / "black" / f"{name}.png")
    assert ImageFolder(str(tmp_path / "images")).std == pytest.approx([1 / 255] * 3, rel=1e-3)


def test_without_verification_a_corrupt_image_is_fatal_when_it_is_read(root: Path) -> None:
    truncate(root / "train" / "cat" / "001.png")
    source = ImageFolder(str(root), verify=False, mean=[0, 0, 0], std=[1, 1, 1])
    source.prepare()
    with pytest.raises(UserError, match=r"train/cat/001\.png cannot be read .*\bcorrupt=skip"):
        source.train().image(1)


def test_without_verification_the_next_of_the_class_takes_its_place(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cat/002", "cat/003"):
        truncate(root / "train" / f"{name}.png")
    images = ImageFolder(str(root), verify=False, corrupt="skip").train()
    for _ in range(2):
        assert images.image(2).tobytes() == images.image(0).tobytes()
        assert images.image(3).tobytes() == images.image(0).tobytes()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "skipped" in said[0]
    assert "cat/002.png: cannot be read" in said[0]
    for name in ("cat/000", "cat/001"):
        truncate(root / "train" / f"{name}.png")
    with pytest.raises(UserError, match=r"cat/002\.png and the images after it cannot be read"):
        images.image(2)


def write_deep(root: Path, tops: dict[str, int], kind: type = np.uint16, suffix: str = "png") -> None:
    """Write grey images of more than 8 bits: a ramp up to the top of each name."""
    for name, top in tops.items():
        path = root / f"{name}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.linspace(0, top, 480).reshape(20, 24).astype(kind)).save(path)


def test_one_grey_range_for_all_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_deep(tmp_path / "images", {"cat/1": 4000, "cat/2": 200, "dog/1": 2048, "dog/2": 1000})
    source = ImageFolder(str(tmp_path / "images"), val_fraction=0.5)
    source.prepare()
    assert source.grey_range == (0, 4096)
    assert (
        "images of more than 8 bits a channel, with values from 0 to 4,000: grey_range=[0,4096] for all"
        in capsys.readouterr().err
    )
    images = [*(source.train().pixels(at) for at in range(2)), *(source.val().pixels(at) for at in range(2))]
    assert sorted(int(pixels.max()) for pixels in images) == [12, 62, 128, 250]
    # What is trained with travels with the weights, and new images are read likewise.
    seen = Preprocessing.of_source(source, 16)
    assert Preprocessing.read(seen.metadata()) == seen
    dark = Image.fromarray(np.full((16, 16), 200, dtype=np.uint16))
    mean, std = (np.array(values) for values in (source.mean, source.std))
    assert np.allclose(seen(dark).numpy()[:, 0, 0], (12 / 255 - mean) / std)


def test_a_grey_range_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_deep(tmp_path / "images", {"cat/1": 400, "cat/2": 400, "dog/1": 400, "dog/2": 400}, np.float32, "tiff")
    source = ImageFolder(str(tmp_path / "images"), val_fraction=0.5, grey_range=[0, 800])
    source.prepare()
    assert "grey_range=" not in capsys.readouterr().err
    assert int(source.train().pixels(0).max()) == 128
    with pytest.raises(UserError, match="grey_range"):
        ImageFolder(str(tmp_path / "images"), grey_range=[1, 0])


def test_images_to_evaluate_are_read_by_the_range_of_the_network(tmp_path: Path) -> None:
    tops = ("cat/1", "cat/2", "dog/1", "dog/2")
    write_deep(tmp_path / "train", dict.fromkeys(tops, 4000))
    write_deep(tmp_path / "brighter", dict.fromkeys(tops, 8000))
    network = Preprocessing.of_source(ImageFolder(str(tmp_path / "train"), val_fraction=0.5), 16)
    other = ImageFolder(str(tmp_path / "brighter"), val_fraction=0.5)
    assert int(other.val().pixels(0).max()) == 31
    seen = SeenSource(other, network)
    assert seen.grey_range == network.grey_range == (0, 4096)
    assert int(seen.val().pixels(0).max()) == 255
    assert other.grey_range == (0, 65536)
    said = SeenSource(ImageFolder(str(tmp_path / "brighter"), val_fraction=0.5, grey_range=[0, 16000]), network)
    assert int(said.val().pixels(0).max()) == 128


def test_the_grey_range_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_deep(tmp_path / "images", {"cat/1": 400, "cat/2": 400, "dog/1": 400, "dog/2": 400})
    ImageFolder(str(tmp_path / "images"), val_fraction=0.5).prepare()
    monkeypatch.setattr(image_folder, "measured_extent", None)
    assert ImageFolder(str(tmp_path / "images"), val_fraction=0.5).grey_range == (0, 4096)
    write_deep(tmp_path / "images", {"cat/3": 400})
    with pytest.raises(TypeError):
        _ = ImageFolder(str(tmp_path / "images"), val_fraction=0.5).grey_range


def test_images_of_one_colour_are_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (20, 20), "black").save(root / "train" / "cat" / "black.png")
    for _ in range(2):  # At the first reading, and from the index.
        ImageFolder(str(root)).prepare()
        said = capsys.readouterr().err
        assert f"1 image is of one colour all over, and used as it is: {root}/train/cat/black.png" in said
    assert len(ImageFolder(str(root)).train()) == 9


def test_the_largest_size_can_be_raised(root: Path) -> None:
    write_image(root / "train" / "cat" / "large.png", size=(50, 50))
    with pytest.raises(UserError, match=r"large.png cannot be read \(it has 50 x 50 = 2,500 pixels, and max_pixels is 2000"):
        ImageFolder(str(root), max_pixels=2000).prepare()
    skipping = ImageFolder(str(root), max_pixels=2000, corrupt="skip")
    skipping.prepare()
    assert len(skipping.train()) == 8
    raised = ImageFolder(str(root), max_pixels=2500)
    raised.prepare()
    assert len(raised.train()) == 9
    for wrong in (0, -1, 2.5, True):
        with pytest.raises(UserError, match="max_pixels"):
            ImageFolder(str(root), max_pixels=wrong)  # type: ignore[arg-type]
