"""The LightningModule of classification."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from zen_lightning.errors import UserError
from zen_lightning.nets.layers import NORMS
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.training.optimizer import sgd
from zen_lightning.training.recipe import LR_IMAGES, Recipe
from zen_lightning.training.schedule import Schedule
from zen_lightning.training.targets import mix_up, smooth_targets, soft_cross_entropy, step_generator

_TOP = 5


class Classifier(pl.LightningModule):
    """Trains a network to classify, by a recipe; https://arxiv.org/abs/2102.01063, section 5.

    What a step draws (mixing, dropout) depends on the seed, the epoch, the batch and the process alone, so a step that is taken
    again after a kill is the same step.

    Args:
        network: to train; its weights are as they will be at the start.
        recipe: how.
        train_images: of an epoch.
        seed: of all that is drawn.
        input_size: height and width that images are brought to before they enter the network; None leaves them.

    Attributes:
        network: being trained.
        averaged: running mean of its weights, where the recipe has one.
    """

    def __init__(
        self, network: StagedNetwork, recipe: Recipe, train_images: int, seed: int = 0, input_size: int | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self.train_images = train_images
        self.seed = seed
        self.input_size = input_size
        self.num_classes = network.classifier.linear.out_features
        if recipe.bn_momentum is not None:
            for module in network.modules():
                if isinstance(module, NORMS):
                    module.momentum = recipe.bn_momentum
        self.averaged: AveragedModel | None = None
        if recipe.ema is not None:
            average = get_ema_multi_avg_fn(recipe.ema)  # type: ignore[no-untyped-call]
            self.averaged = AveragedModel(network, multi_avg_fn=average, use_buffers=True)
            self.averaged.requires_grad_(False)
        self.train_loss = MeanMetric(nan_strategy="disable")
        self.val_loss = MeanMetric(nan_strategy="disable")
        self.val_top1 = MulticlassAccuracy(self.num_classes, average="micro")
        self.val_top5 = MulticlassAccuracy(self.num_classes, top_k=min(_TOP, self.num_classes), average="micro")

    @property
    def final_network(self) -> nn.Module:
        """The network that is validated and kept: the averaged one where there is one."""
        return self.network if self.averaged is None else self.averaged.module

    def trained_modules(self) -> list[nn.Module]:
        """Return what the optimiser moves."""
        return [self.network]

    def compile_network(self) -> None:
        """Compile the network by ``torch.compile``; its keys stay as they are."""
        self.network.compile()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimiser of the recipe."""
        return sgd(self.trained_modules(), self.recipe, self.schedule().lr)

    def schedule(self) -> Schedule:
        """Return the learning rates; the highest is scaled to the global batch, of all processes."""
        recipe = self.recipe
        scale = self._batch() * recipe.accumulate / LR_IMAGES
        return Schedule(
            lr=recipe.lr * scale,
            images=self.train_images,
            epochs=recipe.epochs,
            warmup_epochs=recipe.warmup_epochs,
            target_lr=recipe.target_lr * scale,
            mode=recipe.schedule,
            decay=recipe.decay,
            decay_epochs=recipe.decay_epochs,
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits of the final network, shape (batch, classes)."""
        logits: Tensor = self.final_network(scaled(images, self.input_size))
        return logits

    def on_train_epoch_start(self) -> None:
        """Begin the mean of the training loss."""
        self.train_loss.reset()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Set the learning rate, and the random numbers of this step."""
        lr = self.schedule().at(self.current_epoch, batch_idx, self._batch())
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = lr
        self.log("lr", lr, on_step=True, on_epoch=False)
        self.generator = step_generator(self.seed, self.current_epoch, batch_idx, self.global_rank)
        torch.manual_seed(int(self.generator.integers(2**63)))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Return the loss of a batch of images and labels."""
        images, labels = batch
        targets = smooth_targets(labels, self.num_classes, self.recipe.label_smoothing)
        images, targets = mix_up(images, targets, self.recipe.mixup, self.generator)
        loss = self.batch_loss(images, targets)
        self.train_loss.update(loss.detach(), len(labels))
        self.log("train_loss", loss.detach(), on_step=True, on_epoch=False)
        return loss

    def batch_loss(self, images: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of mixed images and soft targets."""
        return soft_cross_entropy(self.network(scaled(images, self.input_size)), targets)

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """Move the weights, and the averaged ones behind them."""
        super().optimizer_step(*args, **kwargs)
        if self.averaged is not None:
            self.averaged.update_parameters(self.network)

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        """Count what the final network gets right; no smoothing, no mixing."""
        images, labels = batch
        logits = self(images).float()
        self.val_loss.update(functional.cross_entropy(logits, labels), len(labels))
        self.val_top1.update(logits, labels)
        self.val_top5.update(logits, labels)

    def on_validation_epoch_end(self) -> None:
        """Log ``val_top1`` and ``val_top5`` in percent, and ``val_loss``: exact, over all images, the same in all processes."""
        for name, scale in (("val_loss", 1), ("val_top1", 100), ("val_top5", 100)):
            metric = getattr(self, name)
            self.log(name, scale * metric.compute())
            metric.reset()

    def epoch_loss(self) -> float:
        """Return the mean training loss of the epoch so far, over all processes.

        Raises:
            UserError: it is not finite, so nothing of this epoch is worth keeping.
        """
        loss = float(self.train_loss.compute())
        if not torch.isfinite(torch.tensor(loss)):
            raise UserError(
                f"the training loss is {loss} in epoch {self.current_epoch + 1}: the network has diverged. Lower recipe.lr"
                "; with trainer.precision=16-mixed, try bf16-mixed or 32-true. The checkpoints before it are kept"
            )
        return loss

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what the training loss was so far."""
        weight, total = self.train_loss.weight, self.train_loss.mean_value
        if self.trainer.world_size > 1:
            total = self.train_loss.compute() * weight  # Of one process, as if it were like all: they have as many images each.
        checkpoint["train_loss"] = {"sum": total.cpu(), "weight": weight.cpu()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on with the training loss."""
        kept = checkpoint["train_loss"]
        self.train_loss.mean_value.copy_(kept["sum"])
        self.train_loss.weight.copy_(kept["weight"])
        self.train_loss._update_count = int(kept["weight"] > 0)

    def _batch(self) -> int:
        world = self.trainer.world_size if self._trainer is not None else 1
        return self.recipe.batch_size * int(world)


def scaled(images: Tensor, size: int | None) -> Tensor:
    """Return images brought to a height and width by bilinear interpolation; as they are where they fit, or at None."""
    if size is None or images.shape[-1] == size == images.shape[-2]:
        return images
    return functional.interpolate(images, size=(size, size), mode="bilinear", align_corners=False)
