"""Images for post-training quantisation, and what quantisation loses on others."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zen_lightning.nets.export.exporter import Runner

LARGEST_LOSS = 1.0
"""Percentage points of accuracy that int8 may lose. A choice; what it loses on digits is in docs/benchmarks.md."""

LARGEST_CHANGE = 5.0
"""Percent of unlabelled images whose class may change. A choice: most of them are images that the network is unsure of."""


@dataclass(frozen=True)
class Calibration:
    """Images for a quantised format.

    Attributes:
        batches: images as the network sees them, (batch, channels, height, width), which ranges of activations are taken from.
        held_out: other images to measure the accuracy on, in batches, with their labels; None where nobody knows those.
        origin: what the first ones are, as a user reads it: ``256 training images of digits``.
        held_out_origin: what the others are: ``359 validation images of digits``.
        allowed_loss: percentage points of accuracy that may be lost, or percent of unlabelled images whose class may change.
    """

    batches: Sequence[Tensor]
    held_out: Sequence[tuple[Tensor, Tensor | None]]
    origin: str
    held_out_origin: str
    allowed_loss: float = LARGEST_LOSS


@dataclass(frozen=True)
class Accuracy:
    """What quantisation loses.

    Attributes:
        images: how many were looked at.
        origin: what they are.
        labelled: whether their classes are known; if not, those that float32 names count as right.
        quantised: percent of them whose class the quantised file names.
        float32: the same for the network before.
        difference: the largest difference of logits.
        relative_difference: the same, divided by the largest logit.
    """

    images: int
    origin: str
    labelled: bool
    quantised: float
    float32: float
    difference: float
    relative_difference: float

    @property
    def loss(self) -> float:
        """Percentage points that are lost; negative where int8 names more."""
        return self.float32 - self.quantised

    def within(self, allowed: float) -> bool:
        """Whether no more is lost than ``allowed`` percentage points, or one image where that is more."""
        return self.loss <= max(allowed, 100 / self.images) + 1e-9

    def __str__(self) -> str:
        if self.labelled:
            return f"int8 {self.quantised:.1f}%, float32 {self.float32:.1f}% on {self.origin}"
        return f"int8 names the class that float32 names for {self.quantised:.1f}% of {self.origin}"


@torch.no_grad()
def measure_accuracy(network: nn.Module, run: Runner, calibration: Calibration) -> Accuracy:
    """Return what a quantised file loses on the images held out.

    Args:
        network: in eval mode, on the CPU, in float32.
        run: runs the file.
        calibration: the images.
    """
    images = right = right_float = 0
    difference, largest = 0.0, torch.finfo(torch.float32).tiny
    labelled = all(labels is not None for _, labels in calibration.held_out)
    for batch, given in calibration.held_out:
        expected, logits = network(batch), run(batch)
        named = expected.argmax(1)
        labels = named if given is None or not labelled else given
        images += len(batch)
        right += int((logits.argmax(1) == labels).sum())
        right_float += int((named == labels).sum())
        difference = max(difference, (logits - expected).abs().max().item())
        largest = max(largest, expected.abs().max().item())
    return Accuracy(
        images=images,
        origin=calibration.held_out_origin,
        labelled=labelled,
        quantised=100 * right / images,
        float32=100 * right_float / images,
        difference=difference,
        relative_difference=difference / largest,
    )
