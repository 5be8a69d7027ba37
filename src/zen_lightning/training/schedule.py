"""The learning rate at every step."""

import math
from dataclasses import dataclass

_RISE, _DIVISOR = 0.3, 25.0
"""Of ``one_cycle``: share of the training in which the rate rises, and how many times lower it begins."""


@dataclass(frozen=True)
class Schedule:
    """The learning rate as a function of the images seen: it moves at every step, whatever the batch size.

    With n images seen, W of warm-up and T in all, it is ``(n + 1) / W * lr`` before W. After it, with
    ``x = (n - W + 1) / (T - W)``, ``cosine`` is ``lr + (target - lr) * (1 - cos(pi * x)) / 2``, ``linear`` is
    ``lr + (target - lr) * x``, held at the target, ``stages`` is ``lr * decay ** (listed epochs below the current one)``, and
    ``constant`` is ``lr``. ``one_cycle`` (https://arxiv.org/abs/1708.07120) rises from ``lr / 25`` along half a cosine, during
    the warm-up, or during 30% of the training where there is none, and falls as ``cosine`` does; 25 and 30% are those of
    PyTorch's ``OneCycleLR``.

    Attributes:
        lr: highest learning rate, for the global batch.
        images: training images of an epoch.
        epochs: number of epochs.
        warmup_epochs: epochs of warm-up; may be a fraction.
        target_lr: learning rate at the end.
        mode: ``cosine``, ``linear``, ``one_cycle``, ``stages`` or ``constant``.
        decay: factor at each of ``decay_epochs``, for ``stages``.
        decay_epochs: epochs after which the rate is multiplied by ``decay``, for ``stages``.

    Example:
        >>> schedule = Schedule(lr=0.025, images=50_000, epochs=1440, warmup_epochs=5)
        >>> schedule.at(epoch=0, batch=0, global_batch=64)
        6.5e-06
    """

    lr: float
    images: int
    epochs: int
    warmup_epochs: float = 0
    target_lr: float = 0.0
    mode: str = "cosine"
    decay: float = 0.1
    decay_epochs: tuple[int, ...] = ()

    def at(self, epoch: int, batch: int, global_batch: int) -> float:
        """Return the learning rate of a step.

        Args:
            epoch: number of the epoch, from 0.
            batch: number of the batch in the epoch, from 0.
            global_batch: images of all processes a batch.
        """
        seen = epoch * self.images + (batch + 1) * global_batch
        warmup, total = self.warmup_epochs * self.images, self.epochs * self.images
        if self.mode == "one_cycle":
            warmup = warmup or _RISE * total
            if seen < warmup:
                lowest = self.lr / _DIVISOR
                return lowest + (self.lr - lowest) * (1 - math.cos(math.pi * (seen + 1) / warmup)) / 2
        elif seen < warmup:
            return (seen + 1) / warmup * self.lr
        if self.mode == "constant":
            return self.lr
        if self.mode == "stages":
            return self.lr * self.decay ** sum(listed < epoch for listed in self.decay_epochs)
        done = (seen - warmup + 1) / (total - warmup)
        if self.mode == "linear":
            return self.target_lr if done >= 1 else self.lr + (self.target_lr - self.lr) * done
        return self.lr + (self.target_lr - self.lr) * (1 - math.cos(math.pi * done)) / 2
