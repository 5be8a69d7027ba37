"""Sums and counts for a run's metrics: exact over batches of any sizes and over all processes, kept on the device."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

_TOP = 5
"""Top-5, the second metric of ImageNet."""


class Tally(Metric):
    """A metric whose states keep their number format, whatever precision Lightning converts the module to."""

    full_state_update = False

    def _apply(self, fn: Callable[[Tensor], Tensor], exclude_state: Sequence[str] = "") -> Any:
        return super()._apply(lambda state: fn(state).to(state.dtype), exclude_state)


class Mean(Tally):
    """A mean over images: a sum in float64 (float32 where MPS has no such numbers) and a count.

    Example:
        >>> mean = Mean()
        >>> mean.update(torch.tensor(1.0), 128)
        >>> mean.update(torch.tensor(3.0), 1)
        >>> round(float(mean.compute()), 4)
        1.0155
    """

    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        dtype = torch.float32 if torch.backends.mps.is_available() else torch.float64
        self.add_state("total", torch.zeros((), dtype=dtype), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, mean: Tensor, count: int) -> None:
        """Add a batch.

        Args:
            mean: mean of the batch, a scalar on the device.
            count: number of images of the batch.
        """
        self.total.add_(mean.detach(), alpha=count)
        self.count.add_(count)

    def compute(self) -> Tensor:
        """Return the mean over all images of all processes; NaN without images."""
        return self.total / self.count

    def totals(self) -> dict[str, Tensor]:
        """Return ``total`` and ``count`` over all processes, on the CPU; every process calls this."""
        with self.sync_context():
            return {"total": self.total.cpu().clone(), "count": self.count.cpu().clone()}

    def restore(self, totals: dict[str, Tensor]) -> None:
        """Continue from the totals of a checkpoint; of several processes, one does."""
        self.reset()
        self.total.copy_(totals["total"])
        self.count.copy_(totals["count"])


class TopCorrect(Tally):
    """Counts the images whose class is the network's first choice, and those whose class is among its first five.

    Args:
        num_classes: number of classes; with fewer than five, the second count includes all images.

    Example:
        >>> correct = TopCorrect(10)
        >>> correct.update(torch.eye(10)[:3], torch.tensor([0, 1, 5]))
        >>> [float(share) for share in correct.compute()[:1].mul(3)]
        [2.0]
    """

    correct: Tensor
    count: Tensor

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self._top = min(_TOP, num_classes)
        self.add_state("correct", torch.zeros(2, dtype=torch.int64), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, logits_bk: Tensor, labels_b: Tensor) -> None:
        """Add a batch.

        Args:
            logits_bk: shape (batch, classes).
            labels_b: int64, shape (batch,).
        """
        first_b = logits_bk.argmax(1) == labels_b
        among_b = (logits_bk.topk(self._top, dim=1).indices == labels_b[:, None]).any(1)
        self.correct.add_(torch.stack((first_b, among_b)).sum(1))
        self.count.add_(len(labels_b))

    def compute(self) -> Tensor:
        """Return the shares of top-1 and top-5, shape (2,), over all images of all processes."""
        return self.correct.double().div(self.count) if self.correct.device.type != "mps" else self.correct / self.count
