"""The details of the best epoch are kept, also by a training that was stopped after it."""

from pathlib import Path

import numpy as np
import pytest

from zen_lightning.training.best_details import BestDetails
from zen_lightning.training.validation_details import ValidationDetails, without_images, worst_classes

from .conftest import Training


def test_they_are_those_of_the_network_that_is_kept(tmp_path: Path) -> None:
    details = BestDetails()
    training = Training(tmp_path, details).run()
    assert details.found is not None
    best = training.checkpoints.best["val_top1"]
    assert 100 * details.found.confusion.diagonal().sum() / details.found.images == pytest.approx(best, abs=1e-4)
    assert details.found.images == 359

    resumed = BestDetails()
    Training(tmp_path, resumed).run()  # Nothing is left to train: what it knows is from the checkpoint.
    assert resumed.found is not None
    assert np.array_equal(resumed.found.confusion, details.found.confusion)
    assert np.array_equal(resumed.found.sums, details.found.sums)


def test_those_of_a_later_epoch_are_not_taken_for_the_best(tmp_path: Path) -> None:
    training = Training(
        tmp_path, recipe={"epochs": 1, "warmup_epochs": 0}
    ).run()  # Saved without details, as by an earlier release.
    training.checkpoints.best["val_top1"] = 100.0
    later = BestDetails()
    last = Training(tmp_path, later, recipe={"epochs": 2, "warmup_epochs": 0})
    load = last.checkpoints.load_state_dict
    last.checkpoints.load_state_dict = lambda state: load({**state, "best": training.checkpoints.best})  # type: ignore[method-assign]
    last.run()
    assert len(last.history.rows) == 2
    assert later.found is None


def test_classes_without_images_have_no_accuracy() -> None:
    found = ValidationDetails(np.array([[4, 0, 1], [0, 0, 0], [2, 0, 0]]), np.zeros((15, 3)))
    classes = found.classes(["cat", "dog", "emu"])
    assert [one.top1 for one in classes] == [80.0, None, 0.0]
    assert [one.precision for one in classes] == pytest.approx([100 * 4 / 6, None, 0.0])
    assert [one.name for one in worst_classes(classes)] == ["emu", "cat"]
    assert without_images(classes) == ["dog"]
    assert found.mean_class_top1 == 40.0
    assert [(pair.true, pair.predicted, pair.images) for pair in found.confused(["cat", "dog", "emu"])] == [
        ("emu", "cat", 2),
        ("cat", "emu", 1),
    ]
