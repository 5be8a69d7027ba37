"""A training that ends when validation no longer improves, and one that goes on."""

from pathlib import Path
from typing import Any

import pytest
import torch

from training.conftest import AUGMENTATION, STRUCTURE
from training.test_resume import _Kill, _Killed
from zen_lightning.api.fitting import Fitted, Loop, fit
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.arch import Architecture
from zen_lightning.data import Digits, ImageData
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network
from zen_lightning.nets.weights import read_weights
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.early_stopping import EarlyStopping
from zen_lightning.training.initialise import initialise
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine


def rows(*values: float, column: str = "val_top1") -> list[dict[str, float]]:
    return [{"epoch": epoch, column: value} for epoch, value in enumerate(values, start=1)]


@pytest.mark.parametrize(
    ("rule", "values", "best_epoch"),
    [
        ({"patience": 2}, (50, 60, 60, 60), 2),
        ({"patience": 2}, (50, 60, 60), None),
        ({"patience": 2}, (50, 60, 60, 61), None),
        ({"patience": 2}, (50, 60, 59, 61, 60, 61), 4),
        ({"patience": 2, "min_delta": 1.0}, (50, 50.9, 51.0), 1),
        ({"patience": 2, "min_delta": 1.0}, (50, 50.9, 51.1), None),
        ({"patience": 1, "after": 4}, (50, 40, 30), None),
        ({"patience": 1, "after": 3}, (50, 40, 30), 1),
        ({"patience": 2, "monitor": "loss"}, (2.0, 1.0, 1.5, 1.0), 2),
        ({"patience": 2, "monitor": "loss"}, (2.0, 1.0, 1.5, 0.9), None),
        ({"patience": 2, "monitor": "loss"}, (float("nan"), float("nan")), 0),
    ],
)
def test_when_a_rule_stops(rule: dict[str, Any], values: tuple[float, ...], best_epoch: int | None) -> None:
    column = "val_loss" if rule.get("monitor") == "loss" else "val_top1"
    stop = EarlyStopping(**rule).verdict(rows(*values, column=column))
    assert (None if stop is None else stop.best_epoch) == best_epoch
    if stop is not None:
        assert stop.epoch == len(values)


def test_epochs_without_a_validation_do_not_count() -> None:
    some = [{"epoch": 1, "val_top1": 50.0}, {"epoch": 2}, {"epoch": 3}, {"epoch": 4, "val_top1": 40.0}, {"epoch": 5}]
    assert EarlyStopping(patience=2).verdict(some) is None
    stop = EarlyStopping(patience=1).verdict(some)
    assert stop is not None
    said = "stopped early at epoch 5 of 9: validation top-1 has not improved since epoch 1 (50.00%), in 1 validation"
    assert stop.said(9) == said


def test_what_it_says() -> None:
    stop = EarlyStopping(patience=2, monitor="loss", min_delta=0.5).verdict(rows(2.0, 1.9, 1.8, column="val_loss"))
    assert stop is not None
    assert stop.said(100) == (
        "stopped early at epoch 3 of 100: the validation loss has not improved by more than 0.5 since epoch 1 (2.0000), "
        "in 2 validations"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"patience": 0}, "patience=0: expected a whole number, 1 or more"),
        ({"patience": 1.5}, "patience=1.5: expected a whole number"),
        ({"patience": True}, "patience=true: expected a whole number"),
        ({"patience": 1, "after": -1}, "after=-1: expected a whole number, 0 or more"),
        ({"patience": 1, "monitor": "acuracy"}, "monitor=acuracy: did you mean 'accuracy'"),
        ({"patience": 1, "min_delta": -1}, "min_delta=-1: expected 0 or more"),
        ({"patience": 1, "min_delta": float("nan")}, "min_delta=nan: expected 0 or more"),
    ],
)
def test_what_a_rule_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        EarlyStopping(**given)
    assert message in str(caught.value)


def run(folder: Path, rule: EarlyStopping | None, epochs: int = 5, **loop: Any) -> Fitted:
    """Train with a learning rate of 0: nothing improves after the first epoch."""
    recipe = Recipe(epochs=epochs, warmup_epochs=0, batch_size=8, lr=0.0, target_lr=0.0, bn_momentum=0.0, weight_decay=0.0)
    network = build_network(Architecture.parse(STRUCTURE), 10)
    initialise(network, 0)
    setup = TrainingSetup(network, Digits(), recipe, AUGMENTATION, Machine(accelerator="cpu", deterministic=True), 8, False)
    data = ImageData(Digits(), 8, AUGMENTATION, image_size=8, workers=0, limit=40)

    def module(images: int) -> ClassifierModule:
        return ClassifierModule(network, recipe, images, 0, 8)

    return fit(setup, data, module, folder, {}, Loop(early_stopping=rule, **loop))


def epochs_of(fitted: Fitted) -> list[float]:
    return [row["epoch"] for row in fitted.rows]


def test_it_ends_and_stays_ended_until_the_rule_changes(tmp_path: Path) -> None:
    rule = EarlyStopping(patience=2)
    first = run(tmp_path, rule)
    assert epochs_of(first) == [1, 2, 3]
    assert first.stopped_early == (
        f"stopped early at epoch 3 of 5: validation top-1 has not improved since epoch 1 ({first.best['val_top1']:.2f}%), "
        "in 2 validations"
    )
    assert first.best["epoch"] == 1
    assert read_weights(tmp_path / "weights.safetensors")
    again = run(tmp_path, rule)
    assert (again.rows, again.stopped_early, again.best) == (first.rows, first.stopped_early, first.best)
    longer = run(tmp_path, EarlyStopping(patience=3))
    assert epochs_of(longer) == [1, 2, 3, 4]
    assert longer.rows[:3] == first.rows
    whole = run(tmp_path, None)
    assert (epochs_of(whole), whole.stopped_early) == ([1, 2, 3, 4, 5], None)
    assert run(tmp_path, rule).stopped_early is None  # All epochs are trained.


def test_the_last_epoch_is_no_early_one(tmp_path: Path) -> None:
    fitted = run(tmp_path, EarlyStopping(patience=2), epochs=3)
    assert (epochs_of(fitted), fitted.stopped_early) == ([1, 2, 3], None)


@pytest.mark.parametrize(("step", "where"), [(9, "middle"), (10, "validation"), (14, "middle")])
def test_killed_anywhere_it_stops_after_the_same_epoch(tmp_path: Path, step: int, where: str) -> None:
    rule = EarlyStopping(patience=2)
    whole = run(tmp_path / "whole", rule)
    with pytest.raises(_Killed):
        run(tmp_path / "cut", rule, callbacks=[_Kill(step, where)], checkpoint_steps=2)
    cut = run(tmp_path / "cut", rule)
    assert (epochs_of(cut), cut.stopped_early) == (epochs_of(whole), whole.stopped_early)
    states = [torch.load(tmp_path / name / "checkpoints" / "last.ckpt", weights_only=True) for name in ("whole", "cut")]
    for key, value in states[0]["state_dict"].items():
        assert torch.equal(value, states[1]["state_dict"][key]), key


def test_some_epochs_are_trained_in_any_case(tmp_path: Path) -> None:
    fitted = run(tmp_path, EarlyStopping(patience=1, after=4))
    assert epochs_of(fitted) == [1, 2, 3, 4]
