"""What a training step makes a GPU wait for: counted by its operators on a CPU, forbidden on a GPU where there is one."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from training.conftest import STRUCTURE
from zen_lightning.arch import Architecture
from zen_lightning.data import Augmentation, Digits, ImageData
from zen_lightning.nets import build_network
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.history import History
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.teachers.staged_teacher import StagedTeacher
from zen_lightning.training.trainer import Machine, make_trainer

WAITS = ("_local_scalar_dense", "item", "is_nonzero", "nonzero", "lift_fresh", "equal", "masked_select", "unique")
"""Operators that wait for a GPU, or that bring a number of Python to it."""


class _Traffic(TorchDispatchMode):
    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self.found = found

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.__name__.split(".")[0]
        if name in WAITS:
            self.found.append(name)
        return func(*args, **(kwargs or {}))


class _Watch(pl.Callback):
    """Looks at each step from its first hook to its last, but the first step: the optimiser makes its state there."""

    def __init__(self) -> None:
        self.steps: list[list[str]] = []
        self._mode: Any = None

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        self.epoch_loop = trainer.fit_loop.epoch_loop
        original = self.epoch_loop.advance

        def advance(fetcher: Any) -> None:
            if trainer.global_step == 0:
                return original(fetcher)
            if trainer.strategy.root_device.type == "cuda":
                torch.cuda.set_sync_debug_mode("error")
                try:
                    original(fetcher)
                finally:
                    torch.cuda.set_sync_debug_mode("default")
                self.steps.append([])
            else:
                found: list[str] = []
                with _Traffic(found):
                    original(fetcher)
                self.steps.append(found)
            return None

        self.epoch_loop.advance = advance  # type: ignore[method-assign]


class _Fixed(ImageData):
    """Gives batches that are on their device already: loading is not looked at here."""

    def train_dataloader(self) -> Any:
        device = "cuda" if torch.cuda.is_available() and self.on_gpu else "cpu"
        return _Batches([(torch.randn(8, 3, 8, 8, device=device), torch.arange(8, device=device)) for _ in range(6)])

    on_gpu = False


class _Batches(list[tuple[Tensor, Tensor]]):
    pass


def _module(recipe: Recipe, distils: bool) -> ClassifierModule:
    network = build_network(Architecture.parse(STRUCTURE), 10)
    if not distils:
        return ClassifierModule(network, recipe, 48)
    teacher = StagedTeacher(build_network(Architecture.parse(STRUCTURE), 10), 8)
    return Distiller(network, recipe, 48, teacher, input_size=8, distillation=Distillation(first_ratio=2))


def _steps(folder: Path, recipe: dict[str, Any], distils: bool, accelerator: str, **options: Any) -> list[list[str]]:
    how = Recipe(**{"epochs": 1, "warmup_epochs": 0, "batch_size": 8, "mixup": 0.5} | recipe)
    module = _module(how, distils)
    data = _Fixed(Digits(), 8, Augmentation(), image_size=8, workers=0, limit=48)
    data.on_gpu = accelerator == "gpu"
    watch, agreement = _Watch(), Agreement()
    callbacks = [agreement, History(), watch, Checkpoints(folder, 8, agreement=agreement)]
    trainer = make_trainer(Machine(accelerator=accelerator, **options), how, folder, callbacks=callbacks, val_batches=0)
    trainer.fit(module, datamodule=data)
    assert len(watch.steps) == 5
    return watch.steps


KINDS = [({}, False), ({"ema": 0.9}, False), ({"clip_norm": 1.0}, False), ({}, True), ({"ema": 0.9}, True)]


@pytest.mark.parametrize(("recipe", "distils"), KINDS)
def test_no_step_waits_for_its_device_nor_copies_a_number_to_it(tmp_path: Path, recipe: dict[str, Any], distils: bool) -> None:
    for found in _steps(tmp_path, recipe, distils, "cpu"):
        # The permutation of mixup, which the CPU draws; a GPU gets it from pinned memory.
        assert found == ["lift_fresh"]


def test_what_it_counts() -> None:
    found: list[str] = []
    with _Traffic(found):
        number = torch.tensor(1.0)
        float(number)
        bool(number > 0)
    assert found == ["lift_fresh", "_local_scalar_dense", "_local_scalar_dense"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "16-mixed"])
@pytest.mark.parametrize(("recipe", "distils"), KINDS)
def test_on_a_gpu_no_step_synchronises(tmp_path: Path, recipe: dict[str, Any], distils: bool, precision: str) -> None:
    if precision == "16-mixed" and "clip_norm" in recipe:
        pytest.skip("torch's scaler reads whether gradients are finite where the optimiser cannot do so")
    _steps(tmp_path, recipe, distils, "gpu", precision=precision)
