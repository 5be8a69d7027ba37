"""Class folders that may be a mistake are told of, or refused."""

from pathlib import Path

import pytest
from PIL import Image

from zen_lightning.data import ImageFolder
from zen_lightning.errors import UserError

pytestmark = pytest.mark.usefixtures("cache")


def write(root: Path, *folders: str) -> ImageFolder:
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(4):
            Image.new("RGB", (4, 4), (number, number, 9)).save(root / folder / f"{number}.png")
    return ImageFolder(str(root))


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (("Cat", "cat", "dog"), "the classes 'Cat' and 'cat' of {root} have almost the same name"),
        (("cat ", "cat", "dog"), "the classes 'cat' and 'cat ' of {root} have almost the same name"),
        (("big-cat", "big_cat", "dog"), "the classes 'big-cat' and 'big_cat'"),
        (("cat 1", "Cat1", "dog"), "the classes 'Cat1' and 'cat 1'"),
        (("x 2020-01-02", "x_2020_01_02", "dog"), "the classes 'x 2020-01-02' and 'x_2020_01_02'"),
        (("Cat", "cat", "Dog", "dog", "emu"), "if they are one, move their images together (2 other classes are like this)"),
        (
            ("cat", "animals/dog"),
            "the class animals of {root} has all its images in animals/dog/: if dog is the class, move it up",
        ),
        (("cat", "a/dog", "b/emu"), "move it up (2 classes are like this)"),
        (("train/Cat", "train/cat", "val/Cat", "val/cat"), "the classes 'Cat' and 'cat' of {root}/train"),
    ],
)
def test_what_is_told(folders: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "images", *folders)
    source.prepare()
    assert said.format(root=tmp_path / "images") in capsys.readouterr().err


@pytest.mark.parametrize(
    "folders",
    [
        ("-1", "1", "cat", "dog", "dog/more", "emu"),
        ("item_1_12", "item_11_2", "item_112", "item_1_1_2"),
        ("temp_-10", "temp_10", "her2-", "her2", "x_1_-2", "x_1_2"),
        ("A", "a", "B", "b", "É", "é"),
    ],
)
def test_nothing_is_told_of_usual_folders(folders: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "images", *folders)
    source.prepare()
    usual = ("one colour", "are held out", "reading ")
    assert not [line for line in capsys.readouterr().err.splitlines() if not any(part in line for part in usual)]


def test_links_to_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "images", "all")
    (tmp_path / "images" / "emu").symlink_to(tmp_path / "gone")
    source.prepare()
    said = capsys.readouterr().err
    assert f"not used: emu in {tmp_path / 'images'}, a link to what does not exist" in said


@pytest.mark.parametrize("folders", [("train_A", "train_B", "val_A", "val_B"), ("trainA", "trainB", "testA", "testB")])
def test_a_split_and_a_class_in_one_name(folders: tuple[str, ...], tmp_path: Path) -> None:
    source = write(tmp_path, *folders)
    with pytest.raises(UserError, match=r"name a split and a class at once: move each: .*/train/a/ in place of .*/train_?A/"):
        source.prepare()
    meant = ImageFolder(str(tmp_path), classes=list(folders))
    meant.prepare()
    assert meant.classes == folders


@pytest.mark.parametrize(
    ("train", "val"), [("training", "validatie"), ("treningowy", "walidacyjny"), ("eğitim", "doğrulama"), ("تدريب", "تحقق")]
)
def test_splits_in_more_languages(train: str, val: str, tmp_path: Path) -> None:
    source = write(tmp_path, *(f"{split}/{name}" for split in (train, val) for name in ("cat", "dog")))
    source.prepare()
    assert (source.classes, len(source.train()), len(source.val())) == (("cat", "dog"), 8, 8)
