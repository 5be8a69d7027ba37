"""A dataset of one's own is told what is wrong with each of its parts."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from zen_lightning.data import ArrayImages, DataSource, Digits
from zen_lightning.data.own_source import check_description, check_images
from zen_lightning.errors import UserError


class Mine(DataSource):
    """A dataset whose parts can be replaced."""

    name = "mine"
    image_size = 8
    classes = ("a", "b")
    mean = std = (0.5, 0.5, 0.5)

    def prepare(self) -> None:
        pass

    def train(self) -> Any:
        return ArrayImages(np.zeros((2, 8, 8), dtype=np.uint8), [0, 1])

    def val(self) -> Any:
        return self.train()


class Images(ArrayImages):
    """Images with one odd part."""

    def __init__(self, image: Any = None, label: Any = 0) -> None:
        super().__init__(np.zeros((1, 8, 8), dtype=np.uint8), [0])
        self.first, self.first_label = image, label

    def image(self, index: int) -> Any:
        return super().image(index) if self.first is None else self.first

    def label(self, index: int) -> Any:
        return self.first_label


def test_a_whole_one_passes_and_those_of_the_package_are_not_asked() -> None:
    for source in (Mine(), Digits()):
        check_description(source)
        check_images(source)


@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        ("image_size", None, "Mine.image_size is None: expected a whole number of pixels"),
        ("name", 3, "Mine.name is 3: expected a text"),
        ("classes", ["a", "b"], r"Mine.classes is \['a', 'b'\]: expected a tuple of names"),
        ("mean", (0.5, 0.5), r"Mine.mean is \(0.5, 0.5\): expected three numbers from 0 to 1"),
        ("std", (127, 127, 127), "Mine.std is .* from 0 to 1"),
        ("placement", "gpu", "Mine.placement is gpu: expected cpu or device"),
    ],
)
def test_a_wrong_description_names_its_part(part: str, value: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        check_description(type("Mine", (Mine,), {part: value})())


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        ([1, 2], r"Mine.train\(\) is list: expected an object with __len__\(\), image\(index\) and label\(index\)"),
        (ArrayImages(np.zeros((0, 8, 8), dtype=np.uint8), []), r"Mine.train\(\) is no images"),
        (Images(np.zeros((8, 8, 3))), r"Mine.train\(\).image\(0\) is ndarray: expected a PIL image of mode RGB"),
        (Images(Image.new("L", (8, 8))), r"image\(0\) is a PIL image of mode L"),
        (Images(label=2), r"label\(0\) is 2: expected a whole number from 0 to 1"),
        (Images(label="a"), r"label\(0\) is 'a'"),
        (Images(label=None), r"label\(0\) is None"),
    ],
)
def test_wrong_images_name_what_is_wrong(images: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        check_images(type("Mine", (Mine,), {"train": lambda self: images})())
