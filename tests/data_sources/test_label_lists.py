"""Images that lie in one folder, and lists beside them that may say their classes: the error says what to do."""

from pathlib import Path

import pytest

from dataset_files import write_folder, write_image
from zen_lightning.data import ImageFolder
from zen_lightning.data.label_lists import label_lists
from zen_lightning.errors import UserError

SORT = r"move the images into folders, one for each class; labels.csv may say the class of each$"


@pytest.mark.parametrize("place", ["images", "images/all"])
def test_one_class_folder(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "images", ("all",), each=4)
    (tmp_path / place / "labels.csv").write_text("file,label\n0.png,cat\n")
    for act in (ImageFolder.check, ImageFolder.prepare):
        with pytest.raises(UserError, match=rf"/images has one class folder alone, all: {SORT}"):
            act(ImageFolder(str(tmp_path / "images")))
    assert capsys.readouterr().err == ""
    ImageFolder(str(tmp_path / "images"), classes=["all"]).prepare()  # As it is asked for.


def test_no_class_folder(tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "0.png")
    (tmp_path / "images" / "labels.csv").write_text("file,label\n0.png,cat\n")
    with pytest.raises(UserError, match=rf"has 1 image and no class folders: expected .*; {SORT}"):
        ImageFolder(str(tmp_path / "images")).prepare()


def test_class_folders_beside_a_list(tmp_path: Path) -> None:
    write_folder(tmp_path / "images", each=4)
    (tmp_path / "images" / "labels.csv").write_text("file,label\n0.png,cat\n")
    ImageFolder(str(tmp_path / "images")).prepare()


def test_which_files_look_like_lists(tmp_path: Path) -> None:
    for name in ("labels.csv", "train.txt", "README.txt", ".labels.csv", "labels.png", "ground_truth.json"):
        (tmp_path / name).write_text("")
    assert label_lists(tmp_path) == ["ground_truth.json", "labels.csv", "train.txt"]
    assert label_lists(tmp_path / "gone") == []
