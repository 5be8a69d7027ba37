"""The LightningModule that trains a classifier."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.layers import NORMS
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.weights import METADATA
from zen_lightning.training.averaging import AveragedNetwork
from zen_lightning.training.compiling import compiled, has_graphs, training_mode
from zen_lightning.training.freezing import Freezing
from zen_lightning.training.optimizer import LR_SCALE, has_fused, make_optimizer
from zen_lightning.training.recipe import LR_IMAGES, Recipe
from zen_lightning.training.regularisation import add_drop_path, add_dropout
from zen_lightning.training.schedule import Schedule
from zen_lightning.training.shared_buffers import share_buffers
from zen_lightning.training.step_log import StepLog
from zen_lightning.training.tallies import Mean
from zen_lightning.training.targets import (
    mixed,
    seed_step,
    smooth_targets,
    soft_binary_cross_entropy,
    soft_cross_entropy,
    step_generator,
)
from zen_lightning.training.validating import ValidatingModule, scaled


class ClassifierModule(ValidatingModule):
    """Trains a network to classify, by a recipe; https://arxiv.org/abs/2102.01063, section 5.

    What a step draws (mixing, dropout) depends on the seed, the epoch, the batch and the process alone, so a step that is taken
    again after a kill is the same step.

    Args:
        network: the network to train, with its initial weights.
        recipe: how to train it.
        train_images: images of an epoch.
        seed: seed of all random numbers.
        input_size: height and width that images are brought to before they enter the network; None leaves them.

    Attributes:
        network: the network in training.
        averaged: running mean of its weights, where the recipe has one.
        training_pass: the network as training steps call it, compiled where that is asked for.
        step_values: what the last step measured, for the loggers.
        metadata: what network this is and what it sees, for its checkpoints; see :func:`~zen_lightning.nets.save_weights`.
    """

    class_weights: Tensor | None

    def __init__(
        self, network: StagedNetwork, recipe: Recipe, train_images: int, seed: int = 0, input_size: int | None = None
    ) -> None:
        super().__init__(network.classifier.linear.out_features)
        self.network = network
        self.recipe = recipe
        self.train_images = train_images
        self.seed = seed
        self.input_size = input_size
        if recipe.bn_momentum is not None:
            for module in network.modules():
                if isinstance(module, NORMS):
                    module.momentum = recipe.bn_momentum
        add_dropout(network, recipe.dropout)
        add_drop_path(network, recipe.drop_path)
        self.freezing = Freezing(network, recipe)
        self.averaged = None if recipe.ema is None else AveragedNetwork(network, recipe.ema)
        self.register_buffer("class_weights", None, persistent=False)
        self.train_loss = Mean()
        self.training_pass: Callable[[Tensor], Tensor] = network.__call__
        self.step_values: dict[str, float | Tensor] = {}
        self.metadata: dict[str, str] = {}
        self._step_log = StepLog()
        self._schedule: Schedule | None = None
        self._graphs = False

    @property
    def final_network(self) -> nn.Module:
        """The network that is validated and kept: the averaged one where there is one."""
        return self.network if self.averaged is None else self.averaged.module

    def trained_modules(self) -> list[nn.Module]:
        """Return the modules that the optimiser updates."""
        return [self.network]

    def weigh_classes(self, weights: Sequence[float] | None) -> None:
        """Let the images of each class count so much in the training loss; None: all alike.

        Args:
            weights: in the order of the labels; see :func:`~zen_lightning.training.class_weights.class_weights`.
        """
        self.class_weights = None if weights is None else torch.tensor(weights, dtype=torch.float32)

    def compile_network(self, mode: str = "default") -> None:
        """Compile what training steps call; the network's keys, and validation, stay as they are.

        Args:
            mode: a mode of :mod:`zen_lightning.training.compiling`.
        """
        mode = training_mode(mode, self.recipe.accumulate)
        torch.compiler.reset()  # Else the ninth network of a process runs uncompiled.
        self._graphs = has_graphs(mode)
        self.compile_passes(mode)

    def compile_passes(self, mode: str) -> None:
        """Compile the passes of a training step, in a mode of ``torch.compile``."""
        self.training_pass = compiled(self.network.forward, mode)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimiser of the recipe."""
        return make_optimizer(self.trained_modules(), self.recipe, self.schedule().lr, self._fused())

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

    def on_fit_start(self) -> None:
        """Fix the schedule: the number of processes is known now."""
        self._schedule = self.schedule()

    def on_train_epoch_start(self) -> None:
        """Begin the means of the epoch."""
        for mean in self.epoch_means().values():
            mean.reset()

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Leave out what is frozen, where several processes have computed its gradients."""
        self.freezing.drop_gradients()

    def epoch_means(self) -> dict[str, Mean]:
        """Return the means over the images of an epoch, by name."""
        return {"train_loss": self.train_loss}

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Set the learning rate, the random numbers of this step, and what is frozen."""
        # Here, because a training that is continued within an epoch does not begin it.
        self.freezing.apply(self.current_epoch, alone=int(self.trainer.world_size) == 1)
        schedule = self._schedule or self.schedule()
        lr = schedule.at(self.current_epoch, batch_idx, self._batch())
        optimizer = self.trainer.optimizers[0]
        for group in optimizer.param_groups:
            group["lr"] = lr * group.get(LR_SCALE, 1.0)
        self.step_values = {"lr": lr}
        self.generator = step_generator(self.seed, self.current_epoch, batch_idx, self.global_rank)
        seed_step(self.device, int(self.generator.integers(2**63)))
        if self._graphs:
            # The gradients of the last step lie in memory that the next replay overwrites.
            optimizer.zero_grad(set_to_none=True)
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Return the loss of a batch of images and labels."""
        images, labels = batch
        targets = smooth_targets(labels, self.num_classes, self.recipe.label_smoothing)
        images, targets = mixed(images, targets, self.recipe.mixup, self.recipe.cutmix, self.generator)
        loss = self.batch_loss(images, targets)
        self.train_loss.update(loss, len(labels))
        self.step_values["train_loss"] = loss.detach()
        return loss

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Log what the step measured."""
        self._step_log.step(self.trainer, self.step_values)

    def on_train_epoch_end(self) -> None:
        """Give callbacks the means of the epoch; :class:`~zen_lightning.training.history.History` logs the loss."""
        self._step_log.flush(self.trainer)
        for name, mean in self.epoch_means().items():
            self.log(name, mean.compute().float(), logger=False)

    def batch_loss(self, images: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of mixed images and soft targets."""
        return self.soft_loss(self.training_pass(scaled(images, self.input_size)), targets)

    def soft_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of logits and soft targets, both of shape (batch, classes).

        An image counts as its classes do, each by its part of the target.
        """
        loss = soft_binary_cross_entropy if self.recipe.loss == "bce" else soft_cross_entropy
        return loss(logits, targets, None if self.class_weights is None else targets @ self.class_weights.to(targets.dtype))

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """Update the weights, then their running average."""
        super().optimizer_step(*args, **kwargs)
        if self.averaged is not None:
            self.averaged.update_parameters(self.network)

    def on_validation_start(self) -> None:
        """Let all processes validate the network that is kept."""
        share_buffers(self.final_network)

    def epoch_loss(self) -> float:
        """Return the mean training loss of the epoch so far, over all processes.

        Raises:
            UserError: it is not finite, so nothing of this epoch is worth keeping.
        """
        loss = float(self.train_loss.compute())
        if not math.isfinite(loss):
            raise UserError(
                f"the training loss is {loss} in epoch {self.current_epoch + 1}: the network has diverged",
                remedy="lower {lr}; with {precision}=16-mixed, try bf16-mixed or 32-true (earlier checkpoints are kept)",
                involves=["lr", "precision"],
            )
        return loss

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what network it is and the means of the epoch so far; log the step before the training may stop here."""
        if self.step_values:
            self._step_log.step(self.trainer, self.step_values)
            self._step_log.flush(self.trainer)
        if self.metadata:
            checkpoint[METADATA] = dict(self.metadata)
        checkpoint["means"] = {name: mean.totals() for name, mean in self.epoch_means().items()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Continue the means, and keep the kind of optimiser of this machine, not of the one that saved."""
        for name, mean in self.epoch_means().items():
            mean.reset()
            if self.global_rank == 0 and name in checkpoint.get("means", {}):
                mean.restore(checkpoint["means"][name])
        for state in checkpoint.get("optimizer_states", ()):
            for group in state["param_groups"]:
                if "fused" in group:
                    group["fused"] = True if self._fused() else None

    def _fused(self) -> bool:
        """Whether the optimiser undoes the scale of float16 itself: else each step would wait for the device.

        Lightning cannot clip gradients then.
        """
        if self._trainer is None or self.recipe.clip_norm is not None:
            return False
        if not has_fused(self.recipe):
            return False
        return self.trainer.precision == "16-mixed" and self.trainer.strategy.root_device.type == "cuda"

    def _batch(self) -> int:
        world = self.trainer.world_size if self._trainer is not None else 1
        return self.recipe.batch_size * int(world)
