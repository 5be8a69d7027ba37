"""A distiller of tiny networks, and what tests look at."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from zen_lightning.arch import Architecture
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.teachers import StagedTeacher, Teacher
from zen_lightning.training.trainer import quiet

STUDENT = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)SuperResK1K3K1(6,6,1,5,1)SuperConvK1BNRELU(6,8,1,1)"


TEACHER = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,10,2,8,1)SuperConvK1BNRELU(10,16,1,1)"


RECIPE = Recipe(epochs=2, warmup_epochs=0, batch_size=4, bn_momentum=0.1)


HOW: dict[str, Any] = {"first_ratio": 2}


class Watched(StagedTeacher):
    """Keeps the images that it is given."""

    def __init__(self, **options: Any) -> None:
        torch.manual_seed(1)
        network = build_network(Architecture.parse(TEACHER), options.pop("num_classes", 5))
        super().__init__(network, options.pop("image_size", 16), **options)
        self.seen: list[Tensor] = []

    def features(self, images: Tensor, first_ratio: int | None) -> tuple[list[Tensor], Tensor]:
        self.seen.append(images.clone())
        return super().features(images, first_ratio)


def student_network() -> StagedNetwork:
    """Return the student."""
    torch.manual_seed(0)
    return build_network(Architecture.parse(STUDENT), num_classes=5)


def distiller(teacher: Teacher | None = None, **options: Any) -> Distiller:
    """Return a distiller of the student."""
    how = Distillation(**HOW | options.pop("how", {}))
    recipe = options.pop("recipe", RECIPE)
    return Distiller(student_network(), recipe, 8, teacher or Watched(), input_size=8, distillation=how, **options)


def batch(size: int = 16) -> tuple[Tensor, Tensor]:
    """Return images, and targets of five classes."""
    generator = torch.Generator().manual_seed(2)
    images = torch.randn(4, 3, size, size, generator=generator)
    return images, torch.rand(4, 5, generator=generator).softmax(dim=1)


def fit(module: Distiller, size: int = 16, **options: Any) -> pl.Trainer:
    """Train for an epoch of two batches."""
    data = TensorDataset(torch.randn(8, 3, size, size), torch.arange(8) % 5)
    quiet()
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        **options,
    )
    trainer.fit(module, DataLoader(data, batch_size=4))
    return trainer


def state_of(module: nn.Module) -> dict[str, Tensor]:
    """Return copies of all tensors of a module."""
    return {key: value.clone() for key, value in module.state_dict().items()}


def changed_in(module: nn.Module, before: dict[str, Tensor]) -> set[str]:
    """Return which tensors of a module are not as they were."""
    return {key for key, value in module.state_dict().items() if not torch.equal(value, before[key])}
