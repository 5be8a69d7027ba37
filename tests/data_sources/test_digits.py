"""The digits that come with the package."""

import hashlib

import numpy as np
import pytest

from zen_lightning.data import Digits
from zen_lightning.data.digits import _read
from zen_lightning.errors import UserError


def test_the_original_images() -> None:
    pixels, labels = _read()
    assert pixels.shape == (1797, 8, 8)
    assert pixels.max() == 16
    # As scikit-learn 1.x has them: the first image is a nought, and its first rows.
    assert labels[:10].tolist() == list(range(10))
    assert pixels[0, :2].tolist() == [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_a_fifth_of_each_class_is_held_out_always_the_same() -> None:
    digits = Digits()
    val = digits.val()
    labels = [val.label(index) for index in range(359)]
    assert (len(digits.train()), len(digits.val())) == (1438, 359)
    assert np.bincount(labels).tolist() == [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]
    held_out = digits._split[1]
    assert hashlib.sha256(held_out.astype("<i8").tobytes()).hexdigest()[:16] == "bc5109959769ebf1"
    assert not np.array_equal(held_out, Digits(split_seed=1)._split[1])


@pytest.mark.parametrize("size", [8, 16, 32])
def test_size(size: int) -> None:
    assert Digits(image_size=size).train().image(3).size == (size, size)


def test_bad_arguments() -> None:
    with pytest.raises(UserError, match="the digits come with the package"):
        Digits(root="somewhere")
    with pytest.raises(UserError, match=r"^image_size=0"):
        Digits(image_size=0)
    with pytest.raises(UserError, match=r"^val_fraction=1\.0: expected a share"):
        Digits(val_fraction=1.0)
