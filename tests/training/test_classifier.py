"""The LightningModule of classification."""

import pytest
import torch
from torch import nn

from training.conftest import STRUCTURE, Training
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.validating import scaled


def test_the_learning_rate_is_set_at_every_step(undisturbed: Training) -> None:
    schedule = undisturbed.module.schedule()
    assert schedule.lr == pytest.approx(0.1 * 8 / 256)
    assert [row["lr"] for row in undisturbed.history.rows] == [schedule.at(epoch, 4, 8) for epoch in range(3)]


def test_batch_norms_follow_with_the_momentum_of_the_recipe() -> None:
    network = build_network(Architecture.parse(STRUCTURE), 10)
    ClassifierModule(network, Recipe(bn_momentum=0.01), 100)
    assert {m.momentum for m in network.modules() if isinstance(m, nn.BatchNorm2d)} == {0.01}
    network = build_network(Architecture.parse(STRUCTURE), 10)
    ClassifierModule(network, Recipe(bn_momentum=None), 100)
    assert {m.momentum for m in network.modules() if isinstance(m, nn.BatchNorm2d)} == {0.1}


def test_validation_is_exact_over_an_uneven_last_batch(undisturbed: Training) -> None:
    module, right, total = undisturbed.module.eval(), 0, 0
    undisturbed.data.setup("validate")
    for images, labels in map(undisturbed.data.finish, undisturbed.data.val_dataloader()):
        right += int((module(images).argmax(1) == labels).sum())
        total += len(labels)
    assert total == 359
    assert undisturbed.history.rows[-1]["val_top1"] == pytest.approx(100 * right / total, abs=1e-4)


def test_images_are_scaled_only_where_they_do_not_fit() -> None:
    images = torch.randn(2, 3, 8, 8)
    assert scaled(images, None) is images
    assert scaled(images, 8) is images
    assert scaled(images, 6).shape == (2, 3, 6, 6)
