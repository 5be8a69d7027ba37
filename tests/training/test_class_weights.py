"""How much the images of each class count in the loss."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from zen_lightning.errors import UserError
from zen_lightning.training.class_weights import class_weights, imbalance
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.targets import smooth_targets, soft_binary_cross_entropy, soft_cross_entropy

from .conftest import Training

CLASSES, COUNTS = ("cat", "dog", "emu"), np.array([60, 30, 10])


def test_balanced_classes_count_alike_and_the_mean_is_one() -> None:
    weights = np.array(class_weights("balanced", CLASSES, COUNTS))
    assert weights * COUNTS == pytest.approx([100 / 3] * 3)


@pytest.mark.parametrize("wanted", [[1, 2, 4], {"dog": 2, "emu": 4.0}, (1.0, 2.0, 4.0)])
def test_lists_and_names(wanted: Any) -> None:
    weights = np.array(class_weights(wanted, CLASSES, COUNTS))
    assert weights / weights[0] == pytest.approx([1, 2, 4])
    assert (weights * COUNTS).sum() == pytest.approx(100)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w.csv", "class,weight\ncat,1\nemu,4\ndog,2\n"),
        ("w.json", '{"dog": 2, "emu": 4}'),
        ("w.yaml", "dog: 2\nemu: 4\n"),
        ("w.yml", "[1, 2, 4]"),
    ],
)
def test_files(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert class_weights(str(path), CLASSES, COUNTS) == class_weights([1, 2, 4], CLASSES, COUNTS)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([1, 2], "2 weights, and the dataset has 3 classes"),
        ({"ema": 2}, "the dataset has no class 'ema'; did you mean 'emu'"),
        ("balance", "class_weights=balance: expected balanced, a number for each class"),
        ([1, -1, 2], "-1 is no weight; expected numbers, 0 or more"),
        ([1, "a", 2], "a is no weight"),
        ([0, 0, 0], "no training image counts"),
        (3, "class_weights=3: expected balanced"),
        ("nowhere.csv", "nowhere.csv: it cannot be read"),
    ],
)
def test_what_is_refused(wanted: Any, message: str) -> None:
    with pytest.raises(UserError) as found:
        class_weights(wanted, CLASSES, COUNTS)
    assert message in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class,weight\nfox,1\n", "w.csv: the dataset has no class 'fox'"),
        ("class,weight\ncat,1\ncat,2\n", "names a class twice"),
        ("class,weight\ncat,much\n", "much is no weight"),
        ("name,weight\ncat,1\n", "has no column class"),
        ("", "has no column class"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "w.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        class_weights(str(path), CLASSES, COUNTS)


def test_both_ways_at_once_are_refused() -> None:
    with pytest.raises(UserError, match="class_weights=balanced and sampling=balanced both let all classes"):
        Recipe(class_weights="balanced", sampling="balanced")


def test_the_loss_is_that_of_torch_but_for_its_divisor() -> None:
    logits, labels, weights = torch.randn(9, 3), torch.tensor([0, 1, 2] * 3), torch.tensor([0.5, 1.0, 4.0])
    targets = smooth_targets(labels, 3, 0.0)
    ours = soft_cross_entropy(logits, targets, targets @ weights)
    theirs = functional.cross_entropy(logits, labels, weight=weights, reduction="sum") / 9
    assert float(ours) == pytest.approx(float(theirs), abs=1e-6)
    each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(1)
    assert float(soft_binary_cross_entropy(logits, targets, targets @ weights)) == pytest.approx(
        float((each * weights[labels]).mean()), abs=1e-6
    )


def test_a_module_takes_them_to_its_device_and_into_no_checkpoint(tmp_path: Path) -> None:
    module = Training(tmp_path).module
    logits, labels = torch.randn(4, 10), torch.tensor([1, 2, 3, 4])
    targets = smooth_targets(labels, 10, 0.1)
    plain = module.soft_loss(logits, targets)
    before = set(module.state_dict())
    module.weigh_classes([2.0] * 10)
    assert float(module.soft_loss(logits, targets)) == pytest.approx(2 * float(plain), rel=1e-6)
    assert set(module.state_dict()) == before
    assert module.double().class_weights is not None
    assert module.class_weights.dtype == torch.float64


def test_strongly_unbalanced_classes_are_told() -> None:
    assert imbalance(CLASSES, COUNTS) is None
    assert imbalance(CLASSES, np.array([60, 30, 6])) is not None
    assert imbalance(CLASSES, np.array([60, 30, 0])) is None
