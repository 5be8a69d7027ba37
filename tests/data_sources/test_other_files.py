"""Files of other kinds in class folders: named, with what to do about them."""

import re
from pathlib import Path

import pytest
from PIL import Image

from zen_lightning.data import ImageFolder
from zen_lightning.errors import UserError

pytestmark = pytest.mark.usefixtures("cache")

KINDS = [
    ("heic", r"3 .heic; save them as .jpg or .png to use them"),
    ("dcm", r"3 .dcm; save them as .png or .tiff to use them, which hold 16 bits"),
    ("mp4", r"3 .mp4; save their frames as .jpg or .png to use them"),
    ("jpg_large", r"3 .jpg_large; rename them if they are images"),
    ("crdownload", r"3 .crdownload; rename them if they are images"),
    ("jpg_original", "3 .jpg_original; rename only those whose image is missing (the others are copies)"),
    ("png~", "3 .png~; rename only those whose image is missing (the others are copies)"),
    ("jpg.bak", "3 .bak; rename only those whose image is missing (the others are copies)"),
    ("npy", "3 .npy; if they are images, save them as .png or .tiff to use them, which hold 16 bits"),
    ("txt", r"3 .txt"),
]


def write(root: Path, ending: str, images: int) -> ImageFolder:
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        for number in range(images if name == "cat" else 2):
            Image.radial_gradient("L").resize((4, 4)).save(root / name / f"{number}.png")
    for number in range(3):
        (root / "cat" / f"other{number}.{ending}").write_bytes(b"x")
    return ImageFolder(str(root))


@pytest.mark.parametrize(("ending", "said"), KINDS)
def test_files_that_are_left_out(ending: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "images", ending, 2).prepare()
    assert f"that are not images by their names: {said}\n" in capsys.readouterr().err


@pytest.mark.parametrize(("ending", "said"), KINDS)
def test_a_class_of_such_files_alone(ending: str, said: str, tmp_path: Path) -> None:
    source = write(tmp_path / "images", ending, 0)
    advice = re.escape(said.partition("; ")[2] or "add some (.apng")
    with pytest.raises(
        UserError, match=rf"cat has no images that can be read, but 3 {re.escape('.' + ending.rpartition('.')[2])}[:;] {advice}"
    ) as refused:
        source.prepare()
    assert "leave the class out by" in str(refused.value)
