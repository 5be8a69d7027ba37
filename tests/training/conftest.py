"""A tiny training: digits, a network of some thousand parameters, a few steps."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl

from zen_lightning.arch import Architecture
from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.nets import build_network
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import History
from zen_lightning.training.initialise import initialise
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer

STRUCTURE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
AUGMENTATION = Augmentation(crop="pad", padding=2, flip=0.5, policy=None, erasing=0.5)


class Training:
    """A training of 3 epochs of 5 batches, in a folder."""

    def __init__(self, folder: Path, *callbacks: pl.Callback, **options: Any) -> None:
        self.folder = folder
        recipe = Recipe(**{"epochs": 3, "warmup_epochs": 1, "batch_size": 8, "bn_momentum": 0.1} | options.pop("recipe", {}))
        every = options.pop("validate_every", 1)
        network = build_network(Architecture.parse(STRUCTURE), 10)
        initialise(network, 0)
        source = Digits(placement=options.pop("placement", "cpu"))
        self.data = ImageData(
            source, recipe.batch_size, AUGMENTATION, image_size=8, workers=0, limit=40, accumulate=recipe.accumulate
        )
        self.module = ClassifierModule(network, recipe, self.data.train_size, input_size=8)
        agreement = Agreement()
        self.checkpoints = Checkpoints(
            folder, 8, options.pop("every_steps", None), agreement=agreement, keep_every=options.pop("keep_every", None)
        )
        self.history = History()
        self.interruption = Interruption(self.checkpoints, agreement)
        own = [agreement, self.interruption, self.history, *callbacks, self.checkpoints]
        machine = Machine(accelerator="cpu", deterministic=True, **options)
        self.trainer = make_trainer(machine, recipe, folder, callbacks=own, validate_every=every)

    def run(self) -> "Training":
        """Train, from the last checkpoint where there is one."""
        last = self.folder / "checkpoints" / "last.ckpt"
        with self.interruption.listening():
            self.trainer.fit(self.module, datamodule=self.data, ckpt_path=last if last.exists() else None, weights_only=True)
        return self


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """Give a finished training."""
    return Training(tmp_path_factory.mktemp("undisturbed")).run()
