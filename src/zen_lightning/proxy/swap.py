"""SWAP: sample-wise activation patterns (https://arxiv.org/abs/2403.04161)."""

import math
import warnings

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.layers import watched_relus
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy
from zen_lightning.system.value_types import BatchSize, Classes, Count, Finite, Pixels, Positive

_WORD = 62
"""Images whose pattern fits into a signed 64-bit integer."""


class SaturatedScoreWarning(RuntimeWarning):
    """A score is the highest that the batch size allows, so it cannot tell networks apart."""


class Swap(NetworkProxy):
    """The number of different patterns of relus, the pattern of a relu being the images of the batch that switch it on.

    It is at most 2^batch_size; a network that reaches that gets a warning, as all larger ones have the same score. Regularised,
    it is multiplied by ``exp(-(params - mu)^2 / sigma)``, params in millions.

    Args:
        resolution: height and width of the images.
        num_classes: number of logits.
        batch_size: number of images, at most 62.
        repeats: number of independent draws of weights and images.
        variant: ``paper``.
        images: a folder of images in class folders; None for noise.
        device: device of torch.
        mu: number of parameters, in millions, that the regularised score prefers; None for the plain score.
        sigma: width of that preference.
    """

    name = "swap"

    def __init__(
        self,
        resolution: Pixels = 32,
        num_classes: Classes = 10,
        batch_size: BatchSize = 16,
        repeats: Count = 1,
        variant: str = "paper",
        images: str | None = None,
        device: str = "cpu",
        mu: Finite | None = None,
        sigma: Positive | None = None,
    ) -> None:
        super().__init__(resolution, num_classes, batch_size, repeats, variant, images, device)
        if batch_size > _WORD:
            raise UserError(f"swap takes at most {_WORD} images", key="batch_size", value=batch_size)
        if (mu is None) != (sigma is None) or (sigma is not None and sigma <= 0):
            raise UserError(
                f"{{mu}}={mu} {{sigma}}={sigma}",
                key="mu",
                expected="both for the regularised swap, {sigma} above 0, or neither",
                involves=["sigma"],
            )
        self.mu = mu
        self.sigma = sigma

    @torch.no_grad()
    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the number of patterns, regularised where asked for."""
        images, _ = draw.batch()
        bits = 2 ** torch.arange(len(images), device=images.device)
        patterns: list[Tensor] = []

        def keep(before_bx: Tensor) -> None:
            require_finite(before_bx, self.name)
            words = torch.zeros(before_bx[0].numel(), dtype=torch.int64, device=images.device)
            for row, bit in zip(before_bx.flatten(1), bits, strict=True):
                words += (row > 0) * bit
            patterns.append(torch.unique(words))

        with watched_relus(keep):
            network(images)
        if not patterns:
            raise CannotScoreError("swap reads relus, and this network has none")
        count = float(len(torch.unique(torch.cat(patterns))))
        if count == 2 ** len(images):
            warnings.warn(
                f"swap: all {count:,.0f} patterns that {len(images)} images allow occur, so every larger network has this "
                "score too: raise batch_size",
                SaturatedScoreWarning,
                stacklevel=1,
            )
        if self.mu is None or self.sigma is None:
            return count
        params = sum(parameter.numel() for parameter in network.parameters()) / 1e6
        return count * math.exp(-((params - self.mu) ** 2) / self.sigma)
