"""Which folders of a dataset hold its classes, and which images are validated on."""

from pathlib import Path

import pytest

from dataset_files import paths_of, truncate, write_folder
from zen_lightning.data import ImageFolder
from zen_lightning.errors import UserError

pytestmark = pytest.mark.usefixtures("cache")


def test_two_folders(root: Path) -> None:
    source = ImageFolder(str(root))
    train, val = paths_of(source)
    assert (source.classes, len(train), len(val)) == (("cat", "dog"), 8, 4)
    assert all(f"{root}/train/" in path for path in train)
    assert all(f"{root}/val/" in path for path in val)
    for images in (source.train(), source.val()):
        assert [images.label(i) for i in range(len(images))] == [int("/dog/" in path) for path in images.paths]


def test_test_stands_in_for_val(root: Path) -> None:
    (root / "val").rename(root / "test")
    assert all(f"{root}/test/" in path for path in paths_of(ImageFolder(str(root)))[1])


@pytest.mark.parametrize("inside", ["", "train"])
def test_one_folder_is_split(tmp_path: Path, inside: str) -> None:
    write_folder(tmp_path / "images" / inside, each=10)
    train, val = paths_of(ImageFolder(str(tmp_path / "images"), val_fraction=0.3))
    assert (len(train), len(val)) == (14, 6)
    assert sum("/cat/" in path for path in val) == 3
    assert (train, val) == paths_of(ImageFolder(str(tmp_path / "images"), val_fraction=0.3))
    assert val != paths_of(ImageFolder(str(tmp_path / "images"), val_fraction=0.3, split_seed=1))[1]


def test_how_many_are_held_out_is_said_and_an_evaluation_takes_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "images", each=10)
    ImageFolder(str(tmp_path / "images")).val()
    assert "no folder for validation: 4 of 20 images are held out, val_fraction=0.2 of each class" in capsys.readouterr().err
    whole = ImageFolder(str(tmp_path / "images"), val_fraction=1)
    whole.prepare()
    assert len(whole.val()) == 20
    assert "held out" not in capsys.readouterr().err
    with pytest.raises(UserError, match="val_fraction=1: no image is left to train on; give a share below 1"):
        whole.train()


def test_a_folder_for_validation_is_taken_whatever_the_share(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = ImageFolder(str(root), val_fraction=1)
    train, val = paths_of(source)
    assert all(f"{root}/train/" in path for path in train)
    assert all(f"{root}/val/" in path for path in val)
    assert "held out" not in capsys.readouterr().err


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    write_folder(tmp_path / "images", ("plane", "train"))
    assert ImageFolder(str(tmp_path / "images")).classes == ("plane", "train")


def test_classes_choose_and_order(root: Path) -> None:
    write_folder(root / "train", ("owl",))
    write_folder(root / "val", ("owl",))
    source = ImageFolder(str(root), classes=["owl", "cat"])
    assert source.classes == ("owl", "cat")
    assert not any("/dog/" in path for path in paths_of(source)[0])
    assert source.train().label(0) == 0
    assert "/owl/" in source.train().paths[0]


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
