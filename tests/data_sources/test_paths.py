"""Many paths in little memory."""

import pickle

import numpy as np
import pytest

from zen_lightning.data.paths import Paths


def test_a_sequence() -> None:
    given = ["a/1.png", "", "größe", "b/\udcff"]
    paths = Paths(given, "root")
    assert list(paths) == [f"root/{path}" for path in given]
    assert (paths[-1], len(paths)) == ("root/b/\udcff", 4)
    assert list(paths.pick(np.array([2, 0]))) == ["root/größe", "root/a/1.png"]
    for index in (4, -5):
        with pytest.raises(IndexError):
            paths[index]


def test_nothing() -> None:
    assert list(Paths([], "root")) == []


def test_a_path_costs_its_bytes() -> None:
    paths = Paths((f"{index:020}" for index in range(1000)), "root")
    assert len(pickle.dumps(paths)) < 1000 * (20 + 8) + 1000
