"""ZiCo: inverse coefficient of variation of gradients (https://arxiv.org/abs/2301.11300)."""

import torch
from torch import nn

from zen_lightning.errors import UserError
from zen_lightning.nets.layers import weighted_layers
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.gradients import cross_entropy, gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy
from zen_lightning.system.value_types import BatchSize, Classes, Count, Pixels


class ZiCo(NetworkProxy):
    """Sum over convolutions and linear layers of ``ln(sum over weights of mean |g| / std |g|)``, over several batches.

    g is the gradient of the cross-entropy. Weights whose absolute g is the same in all batches are left out, since their ratio
    is not defined, and so are layers in which no others remain, such as those of a cut cell. The paper uses real images: set
    ``images``.

    Args:
        resolution: height and width of the images.
        num_classes: number of logits.
        batch_size: images in a batch.
        repeats: number of independent draws of weights and images.
        variant: ``paper``.
        images: a folder of images in class folders; None for noise.
        device: device of torch.
        batches: number of batches, at least 2.
    """

    name = "zico"
    weights = {"paper": "kaiming"}  # noqa: RUF012

    def __init__(
        self,
        resolution: Pixels = 32,
        num_classes: Classes = 10,
        batch_size: BatchSize = 16,
        repeats: Count = 1,
        variant: str = "paper",
        images: str | None = None,
        device: str = "cpu",
        batches: Count = 2,
    ) -> None:
        super().__init__(resolution, num_classes, batch_size, repeats, variant, images, device)
        if batches < 2:
            raise UserError("zico compares batches", key="batches", value=batches, expected="2 or more")
        self.batches = batches

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the sum of logarithms."""
        weights = [layer.weight for layer in weighted_layers(network)]
        batches = [gradients(cross_entropy(network, *draw.batch()), weights) for _ in range(self.batches)]
        total, used = 0.0, 0
        for per_batch in zip(*batches, strict=True):
            sizes = torch.stack([g.flatten() for g in per_batch]).abs()
            require_finite(sizes, self.name)
            mean, std = sizes.mean(0), sizes.std(0, correction=0)
            kept = std > 0
            ratio = (mean[kept] / std[kept]).double().sum()
            if ratio > 0:
                total += ratio.log().item()
                used += 1
        if not used:
            raise CannotScoreError("zico: no layer has a gradient that differs between batches")
        return total
