"""Prints the losses of 20 steps: ``python loss_curve.py PROCESSES [sync] [device]``; each process runs this script."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from zen_lightning.arch import Architecture
from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.nets import build_network
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.initialise import initialise
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer

GLOBAL_BATCH = 32
STRUCTURE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperResIDWE2K3(16,16,1,16,1)SuperConvK1BNRELU(16,32,1,1)"


class Losses(pl.Callback):
    """Collects the loss of the global batch, and the counts of validation."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.top1: list[float] = []

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        self.losses.append(float(trainer.strategy.reduce(outputs["loss"], reduce_op="mean")))

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self.top1.append(float(trainer.callback_metrics["val_top1"]))


def main(processes: int, sync: bool, device: bool) -> None:
    torch.set_num_threads(1)
    recipe = Recipe(epochs=2, warmup_epochs=0.5, batch_size=GLOBAL_BATCH // processes, mixup=0.0, bn_momentum=0.1)
    network = build_network(Architecture.parse(STRUCTURE), 10, use_se=True)
    initialise(network, 0)
    how = Augmentation(padding=1, policy="trivial") if device else Augmentation(crop="none", flip=0.0, erasing=0.0)
    source = Digits(placement="device" if device else "cpu")
    # An uneven last batch of validation: 359 images, 7 of 48 and one of 23, on two processes of 24.
    data = ImageData(source, recipe.batch_size, how, image_size=8, eval_batch_size=24, workers=0, limit=10 * GLOBAL_BATCH)
    module = ClassifierModule(network, recipe, data.train_size)
    strategy = "ddp" if processes > 1 else "auto"
    machine = Machine(accelerator="cpu", devices=processes, strategy=strategy, sync_batchnorm=sync, channels_last=False)
    losses = Losses()
    with tempfile.TemporaryDirectory() as folder:
        trainer = make_trainer(machine, recipe, Path(folder), callbacks=[losses])
        trainer.fit(module, datamodule=data)
    if trainer.is_global_zero:
        print(json.dumps({"losses": losses.losses, "top1": losses.top1, "lr": module.schedule().lr}))


if __name__ == "__main__":
    main(int(sys.argv[1]), "sync" in sys.argv, "device" in sys.argv)
