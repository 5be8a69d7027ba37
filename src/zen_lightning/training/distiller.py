"""The LightningModule of distillation."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.compiling import compiled
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distillation_losses import feature_loss, logit_loss
from zen_lightning.training.projection import Projection
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.tallies import Mean
from zen_lightning.training.teachers.teacher import Teacher
from zen_lightning.training.validating import scaled


class Distiller(ClassifierModule):
    """Trains a student to classify, and to agree with a teacher; https://arxiv.org/abs/2102.01063, section 5.

    Teacher and student see the same augmented and mixed images, each at its own size. The loss is the classifier's, plus
    ``feature_weight`` times the feature losses of all stages, plus ``logit_weight`` times the logit loss. Only the student is
    validated and kept for users. The teacher is in no checkpoint; the projections of the student's features are.

    Args:
        network: the student, with its initial weights.
        recipe: how to train it.
        train_images: images of an epoch.
        teacher: the network to learn from; it is frozen.
        seed: seed of all random numbers.
        input_size: height and width that images are brought to before they enter the student; None leaves them.
        distillation: what is added to the loss; None: as Zen-NAS has it.
        image_mean: mean that the images are normalised by; None: the teacher's.
        image_std: standard deviation that they are normalised by; None: the teacher's.

    Raises:
        UserError: teacher and student do not fit each other: other stages, or other classes.
    """

    teacher_scale: Tensor
    teacher_shift: Tensor

    def __init__(
        self,
        network: StagedNetwork,
        recipe: Recipe,
        train_images: int,
        teacher: Teacher,
        seed: int = 0,
        input_size: int | None = None,
        distillation: Distillation | None = None,
        image_mean: Sequence[float] | None = None,
        image_std: Sequence[float] | None = None,
    ) -> None:
        super().__init__(network, recipe, train_images, seed, input_size)
        self.distillation = distillation or Distillation()
        teacher.freeze()
        self._teacher = (teacher,)  # In a tuple it is no part of this module: not of its state, its parameters, its mode.
        if self.distillation.logit_weight and teacher.num_classes != self.num_classes:
            raise UserError(
                f"the teacher has {teacher.num_classes} classes, the student {self.num_classes}",
                remedy="choose a teacher of the same classes, or {logit_weight}=0 to learn from its features alone",
                involves=["logit_weight"],
            )
        self.projections = nn.ModuleList(self._make_projections())
        scale, shift = _renormalisation(image_mean, image_std, teacher)
        self._renormalises = bool((scale != 1).any() or (shift != 0).any())
        self.register_buffer("teacher_scale", scale, persistent=False)
        self.register_buffer("teacher_shift", shift, persistent=False)
        names = ["loss_ce"] + ["loss_features"] * bool(self.distillation.feature_weight)
        names += ["loss_logits"] * bool(self.distillation.logit_weight)
        self.part_means = nn.ModuleDict({name: Mean() for name in names})
        self._mode = "off"
        self._student_pass: Callable[..., Any] = network.stage_features
        self._teacher_pass: Callable[..., Any] = teacher.features
        self._running: tuple[Teacher, ...] = ()

    @property
    def teacher(self) -> Teacher:
        """The teacher; no part of this module."""
        return self._teacher[0]

    @property
    def running_teacher(self) -> Teacher:
        """The copy of the teacher that a training calls, on its device and in its number format; else the teacher itself."""
        return self._running[0] if self._running else self.teacher

    def trained_modules(self) -> list[nn.Module]:
        """Return the modules that the optimiser updates: the student and the projections."""
        return [self.network, self.projections]

    def epoch_means(self) -> dict[str, Mean]:
        """Return the means over the images of an epoch, of the loss and of its parts."""
        parts = {name: mean for name, mean in self.part_means.items() if isinstance(mean, Mean)}
        return {**super().epoch_means(), **parts}

    def compile_passes(self, mode: str) -> None:
        """Compile the pass of the student that training takes; the teacher's follows when it is on the device."""
        self._mode = mode
        if self.distillation.feature_weight:
            self._student_pass = compiled(self.network.stage_features, mode)
        else:
            super().compile_passes(mode)

    def on_fit_start(self) -> None:
        """Bring a copy of the teacher to where the student is, in the same number format and memory layout."""
        super().on_fit_start()
        running = copy.deepcopy(self.teacher).to(device=self.device, dtype=next(self.network.parameters()).dtype)
        if any(_is_channels_last(parameter) for parameter in self.network.parameters()):
            running.to(memory_format=torch.channels_last)
        autocast = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}.get(str(self.trainer.precision))
        if autocast is not None:
            _cast_weights(running, autocast)
        self._running = (running,)
        self._teacher_pass = compiled(running.features, self._mode)

    def on_fit_end(self) -> None:
        """Make room on the device."""
        super().on_fit_end()
        self._running, self._teacher_pass = (), self.teacher.features

    def batch_loss(self, images: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of mixed images and soft targets, and note its parts."""
        parts, means = self.loss_parts(images, targets), self.epoch_means()
        for name, part in parts.items():
            self.step_values[name] = part.detach()
            means[name].update(part, len(targets))
        weights = {"loss_features": self.distillation.feature_weight, "loss_logits": self.distillation.logit_weight}
        return torch.stack([weights.get(name, 1.0) * part for name, part in parts.items()]).sum()

    def loss_parts(self, images: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the parts of the loss, before they are weighted.

        Args:
            images: mixed, shape (batch, 3, height, width).
            targets: soft, shape (batch, classes).

        Returns:
            ``loss_ce``, and where their weights are not 0, ``loss_features`` and ``loss_logits``.
        """
        how = self.distillation
        ratio = how.first_ratio if how.feature_weight else None
        ours = scaled(images, self.input_size)
        features, logits = ([], self.training_pass(ours)) if ratio is None else self._student_pass(ours, ratio)
        parts = {"loss_ce": self.soft_loss(logits, targets)}
        if not how.feature_weight and not how.logit_weight:
            return parts
        with torch.no_grad():
            teacher_features, teacher_logits = self._teacher_pass(self._teacher_images(images), ratio)
        if how.feature_weight:
            stages = zip(features, teacher_features, self.projections, strict=True)
            parts["loss_features"] = torch.stack([feature_loss(*stage, how.clamp) for stage in stages]).sum()
        if how.logit_weight:
            parts["loss_logits"] = logit_loss(logits, teacher_logits)
        return parts

    def _teacher_images(self, images: Tensor) -> Tensor:
        images = scaled(images, self.teacher.image_size)
        return images * self.teacher_scale + self.teacher_shift if self._renormalises else images

    def _make_projections(self) -> list[Projection]:
        how = self.distillation
        if not how.feature_weight:
            return []
        ours = _stage_channels(self.network, self.input_size or self.teacher.image_size, how.first_ratio)
        theirs = self.teacher.feature_channels(how.first_ratio)
        if len(ours) != len(theirs) or not ours:
            raise UserError(
                f"stage features to learn: the teacher has {_counted(theirs, how.first_ratio)}, the student "
                f"{_counted(ours, how.first_ratio)}; they need as many, one or more",
                remedy="change {first_ratio}, choose another teacher, or set {feature_weight}=0",
                involves=["first_ratio", "feature_weight"],
            )
        generator = torch.Generator().manual_seed(self.seed + 1)  # The network was drawn with the seed itself.
        return [
            Projection(mine, wanted, how.projection_norm, how.projection_relu, generator)
            for mine, wanted in zip(ours, theirs, strict=True)
        ]


def _cast_weights(teacher: Teacher, dtype: torch.dtype) -> None:
    """Store the weights of plain convolutions and linear layers in a format that autocast would cast them to at every step.

    The results are the same: layers that do more with their weights, and batch norms, stay as they are.
    """
    for module in teacher.modules():
        if type(module).forward in (nn.Conv2d.forward, nn.Linear.forward):
            module.to(dtype=dtype)


@torch.no_grad()
def _stage_channels(network: StagedNetwork, size: int, first_ratio: int) -> list[int]:
    """Return the channels of the stage features; the network is as it was."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        image = next(network.parameters()).new_zeros(1, 3, size, size)
        return [feature.shape[1] for feature in network.stage_features(image, first_ratio)[0]]
    finally:
        for module, mode in modes.items():
            module.training = mode


def _counted(channels: list[int], first_ratio: int) -> str:
    sizes = ", ".join(f"1/{first_ratio << stage}" for stage in range(max(len(channels), 1)))
    return f"{len(channels) or 'none'} (at {sizes} of its image size)"


def _renormalisation(mean: Sequence[float] | None, std: Sequence[float] | None, teacher: Teacher) -> tuple[Tensor, Tensor]:
    """Return the scale and the shift from images as the student has them to images as the teacher needs them."""
    if mean is None or std is None or teacher.mean is None or teacher.std is None:
        return torch.ones(1), torch.zeros(1)
    m, s, new_m, new_s = (torch.tensor(values)[:, None, None] for values in (mean, std, teacher.mean, teacher.std))
    return s / new_s, (m - new_m) / new_s


def _is_channels_last(tensor: Tensor) -> bool:
    return tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last) and not tensor.is_contiguous()
