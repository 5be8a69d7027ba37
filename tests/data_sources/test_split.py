"""Holding out a share of each class."""

import numpy as np
import pytest

from zen_lightning.data.split import stratified_split
from zen_lightning.errors import UserError


@pytest.mark.parametrize(("fraction", "held_out"), [(0.2, [2, 1]), (0.01, [1, 1]), (0.99, [9, 2])])
def test_the_share_of_each_class(fraction: float, held_out: list[int]) -> None:
    labels = np.array([0] * 10 + [1] * 3)
    train, val = stratified_split(labels, fraction, seed=0)
    assert np.bincount(labels[val]).tolist() == held_out
    assert sorted([*train, *val]) == list(range(13))


def test_a_class_that_grows_leaves_the_others_alone() -> None:
    before = stratified_split(np.array([0] * 10 + [1] * 20), 0.3, seed=5)[1]
    after = stratified_split(np.array([0] * 17 + [1] * 20), 0.3, seed=5)[1]
    assert (before[before >= 10] - 10).tolist() == (after[after >= 17] - 17).tolist()


def test_known_answer() -> None:
    assert stratified_split(np.zeros(10, dtype=np.int64), 0.3, seed=0)[1].tolist() == [2, 4, 5]


def test_one_image_cannot_be_split() -> None:
    with pytest.raises(UserError, match="the class dog has a single image"):
        stratified_split(np.array([0, 0, 1]), 0.5, seed=0, names=["cat", "dog"])
