"""A user's own images."""

import os
from pathlib import Path

import pytest

from dataset_files import paths_of, write_image
from zen_lightning.data import ImageFolder
from zen_lightning.errors import UserError

pytestmark = pytest.mark.usefixtures("cache")


def test_hidden_files_other_files_and_sub_folders(root: Path) -> None:
    write_image(root / "train" / "cat" / ".hidden.png")
    write_image(root / "train" / ".thumbnails" / "1.png")
    write_image(root / "train" / "cat" / "deep" / "er" / "LOUD.JPG")
    (root / "train" / "cat" / "notes.txt").write_text("")
    (root / "train" / "cat" / "deep" / "circle").symlink_to(root / "train" / "cat")
    train = paths_of(ImageFolder(str(root)))[0]
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


def test_an_error_of_the_class_is_in_words_of_python(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a list, such as \\[cat\\], or None for all") as refused:
        ImageFolder(root=str(tmp_path), classes="cat")
    assert str(refused.value.renamed(lambda key: f"dataset.{key}")).endswith("or null for all")
