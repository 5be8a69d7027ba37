"""Frozen stages and batch norms, epoch by epoch."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor

from training.conftest import Training
from zen_lightning.arch import Architecture, CellArchitecture
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network
from zen_lightning.training.freezing import Freezing, frozen_parts, stages_of_blocks
from zen_lightning.training.recipe import Recipe

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,2,8,1)SuperResK3K3(8,8,1,8,1)SuperConvK1BNRELU(8,16,2,1)")
CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"


def test_stages_are_those_of_analyze() -> None:
    network = build_network(ARCH, 10)
    assert stages_of_blocks(network) == [1, 2, 2, 3]
    assert frozen_parts(network, 2) == list(network.blocks[:3])
    assert frozen_parts(network, 0) == []
    assert network.classifier not in frozen_parts(network, "all")
    with pytest.raises(UserError, match=r"^frozen_stages=4: the network has 3 stages; expected 3 or fewer, or all$"):
        frozen_parts(network, 4)
    cell = build_network(CellArchitecture.parse(CELL), 10)
    assert len(stages_of_blocks(cell)) == len(cell.blocks)


@pytest.mark.parametrize("alone", [True, False])
def test_frozen_parameters_get_no_step(alone: bool) -> None:
    network = build_network(ARCH, 10)
    freezing = Freezing(network, Recipe(frozen_stages=2, frozen_epochs=1))
    for epoch, frozen in ((0, True), (1, False)):
        freezing.apply(epoch, alone)
        network.zero_grad()
        network(torch.randn(4, 3, 8, 8)).sum().backward()
        freezing.drop_gradients()
        assert all((one.grad is None) == frozen for one in network.blocks[0].parameters())
        assert network.classifier.linear.weight.grad is not None
        assert network.blocks[0][0].norm.training is not frozen  # type: ignore[union-attr, index]


def states(training: Training) -> dict[str, Tensor]:
    return {key: value.clone() for key, value in training.module.network.state_dict().items()}


def run(folder: Path, **recipe: Any) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    training = Training(folder, recipe=recipe)
    before = states(training)
    return before, states(training.run())


def test_a_training_with_all_but_the_classifier_frozen(tmp_path: Path) -> None:
    before, after = run(tmp_path, frozen_stages="all")
    moved = {key for key, value in after.items() if not torch.equal(value, before[key])}
    assert moved == {"classifier.linear.weight", "classifier.linear.bias"}


def test_what_is_freed_moves_and_norms_may_stay(tmp_path: Path) -> None:
    before, after = run(tmp_path, frozen_stages="all", frozen_epochs=1, frozen_norms=True)
    moved = {key for key, value in after.items() if not torch.equal(value, before[key])}
    assert "blocks.0.0.conv.weight" in moved
    assert not {key for key in moved if "running" in key or "tracked" in key}


@pytest.mark.parametrize(
    "recipe",
    [
        {"optimizer": "adamw", "lr": 0.05, "layer_decay": 0.7},
        {"frozen_stages": 1, "frozen_epochs": 2, "backbone_lr": 0.02},
        {"cutmix": 1.0, "mixup": 0.2, "dropout": 0.2, "drop_path": 0.3, "loss": "bce", "ema": 0.9, "schedule": "one_cycle"},
    ],
    ids=["adamw", "frozen", "modern"],
)
def test_a_resumed_training_is_the_same(tmp_path: Path, recipe: dict[str, Any]) -> None:
    class Killed(BaseException):
        pass

    class Kill(pl.Callback):
        def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
            if trainer.global_step == 8:
                raise Killed

    _, whole = run(tmp_path / "whole", **recipe)
    with pytest.raises(Killed):
        Training(tmp_path / "two", Kill(), recipe=recipe, every_steps=1).run()
    resumed = states(Training(tmp_path / "two", recipe=recipe).run())
    assert all(torch.equal(value, resumed[key]) for key, value in whole.items())
