"""ImageNet."""

from pathlib import Path

import pytest

from dataset_files import write_folder, write_image
from zen_lightning.data import ImageNet
from zen_lightning.errors import UserError


def test_a_thousand_classes(tmp_path: Path) -> None:
    for part in ("train", "val"):
        for number in range(1000):
            (tmp_path / part / f"n{number:08}").mkdir(parents=True)
            (tmp_path / part / f"n{number:08}" / "1.JPEG").write_bytes(b"")
    source = ImageNet(str(tmp_path))
    source.prepare()
    assert (len(source.classes), source.num_classes, source.classes[3]) == (1000, 1000, "n00000003")
    assert (len(source.train()), source.val().label(17)) == (1000, 17)
    assert (source.mean, source.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert (source.image_size, source.crop_ratio) == (224, 0.875)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], r"train is not there; ImageNet has folders train/ and val/"),
        (["train"], r"train has 2 class folders, ImageNet has 1,000: image_folder takes any number"),
    ],
)
def test_a_wrong_number_of_classes(tmp_path: Path, parts: list[str], message: str) -> None:
    for part in parts:
        write_folder(tmp_path / part, each=1)
    with pytest.raises(UserError, match=message):
        ImageNet(str(tmp_path)).prepare()


def test_validation_images_that_are_not_sorted(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / "train" / f"n{number:08}").mkdir(parents=True)
    write_image(tmp_path / "val" / "ILSVRC2012_val_00000001.JPEG")
    with pytest.raises(UserError, match="val has 0 class folders, ImageNet has 1,000: sort its images into class folders"):
        ImageNet(str(tmp_path)).prepare()
