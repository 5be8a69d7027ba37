"""The requirements on every source of images."""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

from zen_lightning.data import DataSource, Images
from zen_lightning.testing.suite import Suite

DATASET: Suite[DataSource] = Suite("dataset")
"""The checks."""


def check_dataset(source: Callable[..., DataSource], **options: Any) -> None:
    """Check a dataset of your own against the requirements on every source: labels, two sets apart, pickling, memory.

    Args:
        source: its class, or what makes one. Every image is read a few times, so a small one is best.
        options: the options for its constructor.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> from zen_lightning.data import Digits
        >>> check_dataset(Digits)
    """
    DATASET.run(partial(source, **options)())


def parts(source: DataSource) -> list[Images]:
    """Return the images to train on, and those to validate on."""
    return [source.train(), source.val()]


def _content(images: Images) -> list[tuple[bytes, int]]:
    return [(images.image(index).tobytes(), images.label(index)) for index in range(len(images))]


@DATASET.add
def _says_what_it_is(source: DataSource) -> None:
    assert source.name, "it has no name"
    assert source.image_size >= 1
    assert source.crop_ratio is None or 0 < source.crop_ratio <= 1
    assert len(source.mean) == len(source.std) == 3
    assert all(0 <= value <= 1 for value in source.mean)
    assert all(0 < value <= 1 for value in source.std)


@DATASET.add
def _classes(source: DataSource) -> None:
    assert source.num_classes == len(source.classes) == len(set(source.classes))
    assert all(isinstance(name, str) for name in source.classes)


@DATASET.add
def _images_and_labels(source: DataSource) -> None:
    for images in parts(source):
        assert len(images) > 0
        for index in (0, len(images) - 1):
            assert images.image(index).mode == "RGB"
        labels = [images.label(index) for index in range(len(images))]
        assert all(isinstance(label, int) and 0 <= label < source.num_classes for label in labels)


@DATASET.add
def _training_and_validation_share_no_image(source: DataSource) -> None:
    train, val = (set(_content(images)) for images in parts(source))
    assert not train & val, f"{len(train & val)} images are in both"


@DATASET.add
def _images_can_be_sent_to_a_worker(source: DataSource) -> None:
    for images in parts(source):
        assert _content(pickle.loads(pickle.dumps(images))) == _content(images)


@DATASET.add
def _prepare_may_be_called_or_not_and_again(source: DataSource) -> None:
    before = _content(source.val())
    source.prepare()
    source.prepare()
    assert _content(source.val()) == before


@DATASET.add
def _an_image_is_the_same_each_time(source: DataSource) -> None:
    assert _content(source.train()) == _content(source.train())


@DATASET.add
def _no_python_object_for_each_image(source: DataSource) -> None:
    for images in parts(source):
        for name, value in vars(images).items():
            if isinstance(value, list | tuple | dict) and value:
                assert len(value) < len(images), f"{name} is a {type(value).__name__} of every image: an array costs no copies"
