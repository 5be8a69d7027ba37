"""The Zen-score by Monte-Carlo: random weights, random images, two forward passes.

Zen-NAS: A Zero-Shot NAS for High-Performance Deep Image Recognition, ICCV 2021, https://arxiv.org/abs/2102.01063, Algorithm 1.
torch is imported with the first score.
"""

import math
from typing import TYPE_CHECKING

from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.checks import averaged, check_counts
from zen_lightning.proxy.zen import GAMMA, check_zen
from zen_lightning.system.device import check_device
from zen_lightning.system.value_types import BatchSize, Channels, Count, Pixels, Positive

if TYPE_CHECKING:
    from zen_lightning.proxy.monte_carlo_draw import Draw


class ZenMonteCarlo(Proxy):
    """The Zen-score as the paper defines it, estimated with random weights and images.

    ``zen = ln(mean over the batch of sum |f(x) - f(x + gamma e)|) + sum over batch norms of 1/2 ln(mean over channels var)``,
    with f the feature map before global pooling of the vanilla twin, weights, x and e drawn N(0,1).

    Args:
        resolution: height and width of the images.
        bn_variance: ``batch`` (the variance of the first pass, biased: the paper's text) or ``running`` (the running variance
            after both passes, which starts at 1 with momentum 0.1: the released code).
        batch_size: images in a draw.
        repeats: number of independent draws, each of a new network; the score is their mean.
        gamma: size of the perturbation.
        device: device of torch, ``cpu`` or ``cuda:0``.
        in_channels: channels of the images; None: those of the network (of a module, of its first convolution).
    """

    name = "zen"
    title = "Monte-Carlo"

    def __init__(
        self,
        resolution: Pixels = 224,
        bn_variance: str = "running",
        batch_size: BatchSize = 16,
        repeats: Count = 1,
        gamma: Positive = GAMMA,
        device: str = "cpu",
        in_channels: Channels | None = None,
    ) -> None:
        check_zen(resolution, bn_variance, gamma)
        check_counts({"batch_size": batch_size, "repeats": repeats})
        check_counts({} if in_channels is None else {"in_channels": in_channels})
        self.resolution = resolution
        self.bn_variance = bn_variance
        self.batch_size = batch_size
        self.repeats = repeats
        self.gamma = gamma
        check_device(device)
        self.device = device
        self.in_channels = in_channels

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score of an architecture, or of any convolutional module with batch norms.

        A module is scored with its shortcuts and squeeze-and-excitations, on a copy. Dropout and stochastic depth are off. The
        terms of its batch norms add up along a path; of branches that join again, such as a unit and its projection, the one
        with the largest sum counts.

        Args:
            architecture: an architecture (its vanilla twin is scored) or a module.
            seed: seed of all draws. Repeat i has a generator of its own, so 4 repeats begin with the draws of 2.

        Raises:
            CannotScoreError: no batch norm, no feature map before a global pooling, a value that is not finite, no memory.
        """
        draws = [getattr(draw, self.bn_variance) for draw in self.draws(architecture, seed)]
        if not all(map(math.isfinite, draws)):
            raise CannotScoreError(
                "the score is not finite: a batch norm sees no variance",
                key="bn_variance",
                value=self.bn_variance,
                remedy="{bn_variance}=running has a score",
            )
        return averaged(draws)

    def draws(self, architecture: Scorable, seed: int = 0) -> "list[Draw]":
        """Return the independent draws of which the score is the mean, with both readings of each."""
        from zen_lightning.nets.image_channels import image_channels
        from zen_lightning.proxy.monte_carlo_draw import Images, draw_scores

        shape = (self.batch_size, self.in_channels or image_channels(architecture), self.resolution, self.resolution)
        return draw_scores(architecture, Images(shape, self.gamma, self.device), seed, self.repeats)
