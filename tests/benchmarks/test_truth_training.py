"""The short trainings of benchmarks/trained_truth.py: stopped and continued, they are the same trainings."""

import csv
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import truth_training
from truth_images import PADDING, DeviceImages
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.interruption import Interrupted

STRUCTURE = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
RECIPE = replace(truth_training.RECIPE, epochs=3, batch_size=8)
BATCHES = 5


@pytest.fixture
def arrays() -> dict[str, Any]:
    random = np.random.default_rng(0)
    images = {
        f"{part}_images": random.integers(0, 256, (size, 32, 32, 3), np.uint8) for part, size in (("train", 41), ("test", 30))
    }
    labels = {f"{part}_labels": random.integers(0, 10, size) for part, size in (("train", 41), ("test", 30))}
    return {**images, **labels}


def test_stopped_again_and_again_it_ends_as_if_it_had_not_been(
    arrays: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = truth_training.train(STRUCTURE, tmp_path / "whole", arrays, "cpu", 3, RECIPE)
    steps, stops = 0, [2, 4, 3 + BATCHES]
    begin = ClassifierModule.on_train_batch_start

    def counted(self: ClassifierModule, batch: Any, batch_idx: int) -> None:
        nonlocal steps
        steps += 1
        if steps in stops:
            os.kill(os.getpid(), signal.SIGTERM)
        begin(self, batch, batch_idx)

    monkeypatch.setattr(ClassifierModule, "on_train_batch_start", counted)
    for _ in stops:
        with pytest.raises(Interrupted):
            truth_training.train(STRUCTURE, tmp_path / "parts", arrays, "cpu", 3, RECIPE)
    parts = truth_training.train(STRUCTURE, tmp_path / "parts", arrays, "cpu", 3, RECIPE)
    assert steps == RECIPE.epochs * BATCHES
    assert parts[:3] == whole[:3]
    assert not (tmp_path / "parts" / "checkpoints").exists()


def test_every_epoch_has_its_own_order_and_crops(
    arrays: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    step = ClassifierModule.training_step

    def kept(self: ClassifierModule, batch: Any, batch_idx: int) -> torch.Tensor:
        seen.append(batch[0].clone())
        return step(self, batch, batch_idx)

    monkeypatch.setattr(ClassifierModule, "training_step", kept)
    truth_training.train(STRUCTURE, tmp_path, arrays, "cpu", 3, RECIPE)
    assert len(seen) == RECIPE.epochs * BATCHES
    assert not torch.equal(seen[0], seen[BATCHES])


def test_a_crop_is_a_part_of_the_padded_image_flipped_or_not(arrays: dict[str, Any]) -> None:
    data = DeviceImages(arrays, "cpu", 8, seed=1)
    epoch = data.epoch(0)
    crops, labels = data.train_batch(epoch, batch=1)
    again, _ = data.train_batch(data.epoch(0), batch=1)
    assert torch.equal(crops, again)
    assert torch.equal(labels, torch.from_numpy(arrays["train_labels"])[epoch.order[8:16]])
    places, flipped = set(), 0
    for index, crop in zip(epoch.order[8:16], crops, strict=True):
        whole = data.normalised(data.train_nhwc[index : index + 1])[0]
        found = [
            (top, left, turned)
            for top in range(2 * PADDING + 1)
            for left in range(2 * PADDING + 1)
            for turned in (False, True)
            if torch.equal(crop.flip(2) if turned else crop, whole[:, top : top + 32, left : left + 32])
        ]
        ((top, left, turned),) = found
        places.add((top, left))
        flipped += turned
    assert len(places) > 4
    assert 0 < flipped < 8


def test_the_rows_are_of_the_present_recipe() -> None:
    """What recipes learn to say does not make the trainings of before those of another recipe."""
    table = Path(truth_training.__file__).parent / "data" / "trained_truth.csv"
    with table.open() as lines:
        assert {row["recipe"] for row in csv.DictReader(lines)} == {truth_training.recipe_hash()}
