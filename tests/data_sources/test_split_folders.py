"""Names of split folders, and folders that are no class folders."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from dataset_files import write_folder
from zen_lightning.data import ImageFolder
from zen_lightning.data.split_names import NAMES
from zen_lightning.errors import UserError


@pytest.fixture(autouse=True)
def _own_cache(cache: Path) -> None:
    """Keep indexes in a folder of the test."""


def folders_of(source: ImageFolder) -> tuple[set[str], set[str]]:
    """Return the folders below the root that training and validation images lie in."""
    return tuple({Path(path).parts[-3] for path in part.paths} for part in (source.train(), source.val()))  # type: ignore[return-value]


@pytest.mark.parametrize("change", [str.lower, str.upper, str.capitalize])
@pytest.mark.parametrize(("train", "val"), [(t, v) for t in NAMES["train"] for v in (*NAMES["val"], *NAMES["test"])])
def test_splits_of_any_usual_name(tmp_path: Path, train: str, val: str, change: Callable[[str], str]) -> None:
    for name in (train, val):
        write_folder(tmp_path / "images" / change(name), each=1)
    source = ImageFolder(str(tmp_path / "images"), verify=False)
    assert source.classes == ("cat", "dog")
    assert folders_of(source) == ({change(train)}, {change(val)})


def test_validation_images_choose_the_epoch_where_there_are_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("train", "valid", "test"):
        write_folder(tmp_path / "images" / name, each=1)
    assert folders_of(ImageFolder(str(tmp_path / "images"))) == ({"train"}, {"valid"})
    assert "choose the epoch" not in capsys.readouterr().err
    for image in (tmp_path / "images" / "valid").rglob("*.*"):
        image.unlink()
    for folder in [*(tmp_path / "images" / "valid").iterdir(), tmp_path / "images" / "valid"]:
        folder.rmdir()
    assert folders_of(ImageFolder(str(tmp_path / "images"))) == ({"train"}, {"test"})
    assert "test, so that the test images choose the epoch: there is no folder val/" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            ("archive/train", "archive/val"),
            r"holds the folder of the dataset, archive/.*: did you mean root=.*images/archive\?",
        ),
        (("archive/Train", "archive/Valid", "sample"), r"did you mean root=.*images/archive\?"),
        (("archive",), r"did you mean root=.*images/archive\?"),
        (("validation", "test"), r"has validation/ and test/ and no folder to train on: expected one of train/, training/"),
        (
            ("part1", "part2"),
            r"folders part1, part2 of .* hold the same folders \(cat, dog\), as splits do.*name them in classes",
        ),
        (("archive/data",), r"holds the folder of the dataset, archive/data/.*: did you mean root=.*images/archive/data\?"),
        (("archive/data/train", "archive/data/val"), r"did you mean root=.*images/archive/data\?"),
        (
            ("train/images", "val/images"),
            r"train has one folder, images/, and .*train/images the class folders \(cat, dog\): move them up, into .*train/",
        ),
        (("", "val"), r"has the class folders cat, dog, and val/ has them too: move those of .*images into .*images/train/"),
        (("train", "Train", "val"), r"has Train/ and train/: keep or rename one of them"),
    ],
)
def test_folders_that_are_no_classes(tmp_path: Path, made: tuple[str, ...], message: str) -> None:
    for name in made:
        write_folder(tmp_path / "images" / name, each=1)
    with pytest.raises(UserError, match=message):
        ImageFolder(str(tmp_path / "images")).prepare()


def test_what_is_named_as_a_class_is_one(tmp_path: Path) -> None:
    for name in ("part1", "part2", "train", "val"):
        write_folder(tmp_path / "images" / name, each=4)
    assert ImageFolder(str(tmp_path / "images"), classes=["part1", "part2"]).classes == ("part1", "part2")
    assert ImageFolder(str(tmp_path / "images"), classes=["train", "val"]).classes == ("train", "val")
    assert ImageFolder(str(tmp_path / "images"), classes=["cat"]).classes == ("cat",)


def test_files_that_are_no_images_by_their_names_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "images", each=4)
    cat = tmp_path / "images" / "cat"
    for name in ("a.heic", "b.HEIC", "notes.txt", "README", ".hidden.png", "Thumbs.db"):
        (cat / name).write_text("")
    for name in ("c.jfif", "d.avif", "e.jp2", "f.tga", "g.JPE"):
        Image.new("RGB", (8, 8)).save(cat / name)
    source = ImageFolder(str(tmp_path / "images"))
    source.prepare()
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
    assert said.startswith(f"left out 6 files of {tmp_path / 'images'} that are not images by their names: 2 .heic, ")
    assert all(part in said for part in ("1 .txt", "1 without an ending", "1 hidden", "1 of thumbnails"))
    assert len(source.train()) + len(source.val()) == 13


def test_images_beside_class_folders_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "images"
    for name in ("train", "val"):
        write_folder(root / name, each=2)
    for path in (root / "a.png", root / "b.png", root / "train" / "c.png"):
        Image.new("RGB", (8, 8)).save(path)
    ImageFolder(str(root)).prepare()
    said = capsys.readouterr().err
    assert f"left out 2 images of {root} that are in no class folder" in said
    assert f"left out 1 image of {root / 'train'} that is in no class folder" in said
    with pytest.raises(UserError, match=r"has 3 images and no class folders"):
        ImageFolder(str(_flat(tmp_path / "flat"))).prepare()


def test_folders_that_a_training_does_not_use_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("train", "val", "test", "more"):
        write_folder(tmp_path / "images" / name, each=2)
    ImageFolder(str(tmp_path / "images")).prepare()
    assert f"not used: the folders more, test of {tmp_path / 'images'}" in capsys.readouterr().err
    (tmp_path / "images" / "more").rename(tmp_path / "more")
    ImageFolder(str(tmp_path / "images")).prepare()
    assert f"not used: the folder test of {tmp_path / 'images'}" in capsys.readouterr().err


def test_a_class_that_is_called_like_a_split_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "images", classes=("cat", "dog", "test"), each=4)
    source = ImageFolder(str(tmp_path / "images"))
    source.prepare()
    assert source.classes == ("cat", "dog", "test")
    assert "images/test is taken for a class: there is no folder train/" in capsys.readouterr().err


OTHER_SPELLINGS = [
    ("train2017", "val2017"),
    ("train_images", "val_images"),
    ("train-images", "test-images"),
    ("training_set", "test_set"),
    ("Training Data", "Testing Data"),
    ("trainset", "testset"),
    ("TrainImages", "ValImages"),
    ("seg_train", "seg_test"),
    ("ILSVRC2012_img_train", "ILSVRC2012_img_val"),
    ("1_train", "2_val"),
    ("x_train", "x_val"),
    ("trainval", "test"),
    ("train_val", "test"),
    ("train", "val1"),
    ("train ", "val "),
    ("Trainingsdaten", "Testdaten"),
    ("entra\u00eenement", "validation"),
    ("entrenamiento", "validaci\u00f3n"),
    ("\u8bad\u7ec3\u96c6", "\u9a8c\u8bc1\u96c6"),
    ("\u8a13\u7df4\u30c7\u30fc\u30bf", "\u30c6\u30b9\u30c8\u30c7\u30fc\u30bf"),
]


@pytest.mark.parametrize(("train", "val"), OTHER_SPELLINGS)
def test_splits_of_other_spellings(tmp_path: Path, train: str, val: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "images" / train, each=1)
    write_folder(tmp_path / "images" / val, classes=("cat",), each=1)  # Not the same folders, which would be refused.
    source = ImageFolder(str(tmp_path / "images"), verify=False)
    assert source.classes == ("cat", "dog")
    assert folders_of(source) == ({train}, {val})
    said = capsys.readouterr().err
    assert (
        f"training on the images of {tmp_path / 'images' / train}, validating on those of {tmp_path / 'images' / val}" in said
    )


def test_classes_with_such_words_in_their_names_are_classes(tmp_path: Path) -> None:
    for root in ("all", "split/train", "split/val"):
        write_folder(tmp_path / root, classes=("bullet_train", "freight_train", "test_tube", "dev board"), each=4)
    names = ("bullet_train", "dev board", "freight_train", "test_tube")
    assert ImageFolder(str(tmp_path / "all"), verify=False).classes == names
    assert ImageFolder(str(tmp_path / "split"), verify=False).classes == names


@pytest.mark.parametrize("inner", ["", "images"])
def test_a_test_without_labels_does_not_validate(tmp_path: Path, inner: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "images" / "train", each=4)
    (tmp_path / "images" / "test").mkdir()
    _flat(tmp_path / "images" / "test" / inner)
    assert folders_of(ImageFolder(str(tmp_path / "images"))) == ({"train"}, {"train"})
    assert "test has no class folders of the training images, so it is not used; a share of those" in capsys.readouterr().err


def test_folders_of_the_same_names_in_classes_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, classes in (("source", ("cat", "dog")), ("target", ("cat",))):
        write_folder(tmp_path / "images" / name, classes=classes, each=4)
    source = ImageFolder(str(tmp_path / "images"))
    source.prepare()
    assert source.classes == ("source", "target")
    assert "source, target of" in (said := capsys.readouterr().err)
    assert "are taken for classes, though cat is in more than one of them: if they are splits, name them train/" in said


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (("train/images/a.png", "train/labels/a.txt"), "train has images/ beside labels/, as datasets for detection"),
        (("images/train/a.png", "labels/train/a.txt"), "has images/ beside labels/, as datasets for detection"),
        (("JPEGImages/a.png", "Annotations/a.xml", "ImageSets/a.txt"), "has JPEGImages/ beside annotations/|Annotations/"),
        (("images/cat/a.png", "images/dog/b.png", "annotations/a.xml"), r"did you mean root=.*all/images\?"),
        (
            ("cat/train/a.png", "cat/val/b.png", "dog/train/a.png", "dog/val/b.png"),
            r"turn them around: .*train/cat/ in place of",
        ),
        (("train/n01440764.tar", "val/a.png"), r"and archives \(n01440764.tar\): .*; unpack the archives"),
        (("train.zip", "test.zip"), r"no class folders, and archives \(test.zip, train.zip\)"),
        (("train_images/a.png", "test_images/b.png", "train.csv"), "train_images has 1 image and no class folders"),
        (
            ("a_train/cat/a.png", "a_val/cat/a.png", "b_train/cat/a.png", "b_val/cat/a.png"),
            "several datasets .a_train/, b_train/.:",
        ),
        (("train2014/cat/a.png", "train2017/cat/a.png", "val/cat/a.png"), "has train2014/ and train2017/: keep or rename one"),
    ],
)
def test_layouts_of_other_purposes(tmp_path: Path, files: tuple[str, ...], message: str) -> None:
    for name in files:
        path = tmp_path / "all" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            Image.new("RGB", (8, 8)).save(path)
        else:
            path.write_text("")
    with pytest.raises(UserError, match=message):
        ImageFolder(str(tmp_path / "all")).prepare()


@pytest.mark.parametrize("name", ["@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__pycache__"])
def test_folders_that_systems_make_are_no_classes(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path / "images", each=4)
    (tmp_path / "images" / name).mkdir()
    assert ImageFolder(str(tmp_path / "images")).classes == ("cat", "dog")


def test_what_macos_puts_into_archives_is_no_class(tmp_path: Path) -> None:
    write_folder(tmp_path / "images", each=4)
    write_folder(tmp_path / "images" / "__MACOSX", classes=("._cat",), each=1)
    assert ImageFolder(str(tmp_path / "images")).classes == ("cat", "dog")


def _flat(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name in "abc":
        Image.new("RGB", (8, 8)).save(folder / f"{name}.png")
    return folder
