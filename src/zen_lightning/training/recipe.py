"""The hyperparameters of a training."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from zen_lightning.errors import UserError

LR_IMAGES = 256
"""Images of the global batch that ``Recipe.lr`` is given for, as in the Zen-NAS recipe (https://arxiv.org/abs/2102.01063)."""

SCHEDULES = ("cosine", "linear", "stages")


@dataclass(frozen=True)
class Recipe:
    """A recipe; the defaults are those of Zen-NAS (https://arxiv.org/abs/2102.01063) on CIFAR.

    Attributes:
        epochs: passes over the training images.
        warmup_epochs: during which the learning rate rises from 0; may be a fraction.
        batch_size: images a step and process.
        accumulate: steps whose gradients are added up before the weights move.
        lr: learning rate for each 256 images of the global batch (all processes, all accumulated steps).
        target_lr: at the end; likewise for each 256 images.
        schedule: ``cosine``, ``linear`` or ``stages``.
        decay: factor at each of ``decay_epochs``, for ``stages``.
        decay_epochs: after which the learning rate is multiplied by ``decay``.
        momentum: momentum of SGD.
        nesterov: whether the momentum is Nesterov's.
        weight_decay: of convolution and linear weights; biases and batch norms have none.
        bn_momentum: of batch norms, in PyTorch's sense; None leaves what the network has.
        label_smoothing: share of the target that all classes get alike.
        mixup: alpha of the Beta distribution that images are mixed by; 0 for none.
        ema: decay a step of averaged weights, which are then validated and kept instead; None for none.
        clip_norm: largest norm of all gradients together; None for no limit.

    Raises:
        UserError: a number that cannot be used; the message names its key.
    """

    epochs: int = 1440
    warmup_epochs: float = 5
    batch_size: int = 64
    accumulate: int = 1
    lr: float = 0.1
    target_lr: float = 0.0
    schedule: str = "cosine"
    decay: float = 0.1
    decay_epochs: tuple[int, ...] = ()
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    bn_momentum: float | None = 0.01
    label_smoothing: float = 0.1
    mixup: float = 0.2
    ema: float | None = None
    clip_norm: float | None = None

    def __post_init__(self) -> None:
        for key in ("epochs", "batch_size", "accumulate"):
            _check(key, getattr(self, key), 1, None)
        for key in ("warmup_epochs", "lr", "target_lr", "decay", "weight_decay", "mixup"):
            _check(key, getattr(self, key), 0, None)
        for key in ("momentum", "label_smoothing"):
            _check(key, getattr(self, key), 0, 1)
        for key in ("bn_momentum", "ema", "clip_norm"):
            if getattr(self, key) is not None:
                _check(key, getattr(self, key), 0, None if key == "clip_norm" else 1)
        if not isinstance(self.decay_epochs, tuple) or not all(isinstance(epoch, int) for epoch in self.decay_epochs):
            raise UserError(key="decay_epochs", value=self.decay_epochs, expected="a list of epochs, such as '[30,60]'")
        if self.schedule not in SCHEDULES:
            raise UserError(key="schedule", value=self.schedule, choices=SCHEDULES)
        if self.warmup_epochs >= self.epochs:
            raise UserError(
                f"nothing is left of {{epochs}}={self.epochs}",
                key="warmup_epochs",
                value=f"{self.warmup_epochs:g}",
                remedy="lower it ({warmup_epochs}=0 for no warm-up)",
                involves=["epochs"],
            )
        if self.nesterov and self.momentum == 0:
            remedy = "raise {momentum} above 0, or choose {nesterov}=false"
            raise UserError("it needs a momentum", key="nesterov", value="true", remedy=remedy, involves=["momentum"])

    def unfinished(self, images: int) -> float:
        """Return the part of the statistics of batch norms that is still what they began with when a training ends.

        Each step moves them by ``bn_momentum`` towards those of its batch. Networks that were trained before begin with better
        ones; with the 0 and 1 of new ones a large part means a poor validation.

        Args:
            images: training images, for all processes.

        Example:
            >>> round(Recipe(epochs=2, warmup_epochs=0, batch_size=64, bn_momentum=0.01).unfinished(640), 2)
            0.82
        """
        steps = self.epochs * max(1, images // (self.batch_size * self.accumulate))
        return float((1 - (0.1 if self.bn_momentum is None else self.bn_momentum)) ** steps)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, as JSON and checkpoints hold them."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def _check(key: str, value: Any, least: float, most: float | None) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or value < least or (most is not None and value >= most):
        wanted = f"{least} or more" + ("" if most is None else f", below {most}")
        raise UserError(key=key, value=value, expected=f"a number, {wanted}")
