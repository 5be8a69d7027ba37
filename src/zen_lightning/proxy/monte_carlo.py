"""The Zen-score by Monte-Carlo: random weights, random images, two forward passes.

Zen-NAS: A Zero-Shot NAS for High-Performance Deep Image Recognition, ICCV 2021, https://arxiv.org/abs/2102.01063, Algorithm 1.
"""

import math
import statistics
from typing import NamedTuple

import torch
from torch import Tensor, nn

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets.feature_map import NoFeatureMapError, feature_map
from zen_lightning.nets.random_weights import draw_normal, scoring_copy, vanilla_network
from zen_lightning.proxy.base import CannotScoreError, Proxy, Score
from zen_lightning.proxy.zen import GAMMA, check_bn_variance

_MOMENTUM = 0.1


class Draw(NamedTuple):
    """Both readings of one Monte-Carlo evaluation, from the same two passes."""

    batch: float
    running: float


class ZenMonteCarlo(Proxy):
    """The Zen-score as the paper defines it, estimated with random weights and images.

    ``zen = ln(mean over the batch of sum |f(x) - f(x + gamma e)|) + sum over batch norms of 1/2 ln(mean over channels var)``,
    with f the feature map before global pooling of the vanilla twin, weights, x and e drawn N(0,1).

    Args:
        resolution: height and width of the images.
        bn_variance: ``batch`` (the variance of the first pass, biased: the paper's text) or ``running`` (the running variance
            after both passes, which starts at 1 with momentum 0.1: the released code).
        batch_size: images a draw.
        repeats: independent draws, a fresh network each; the score is their mean.
        gamma: size of the perturbation.
        device: of torch, ``cpu`` or ``cuda:0``.
        in_channels: channels of the images.
    """

    name = "zen"

    def __init__(
        self,
        resolution: int = 224,
        bn_variance: str = "running",
        batch_size: int = 16,
        repeats: int = 1,
        gamma: float = GAMMA,
        device: str = "cpu",
        in_channels: int = 3,
    ) -> None:
        check_bn_variance(bn_variance)
        for name, value in (("resolution", resolution), ("batch_size", batch_size), ("repeats", repeats)):
            if value < 1:
                raise UserError(f"{name}={value}: expected 1 or more")
        self.resolution = resolution
        self.bn_variance = bn_variance
        self.batch_size = batch_size
        self.repeats = repeats
        self.gamma = gamma
        self.device = torch.device(device)
        self.in_channels = in_channels

    def score(self, architecture: Architecture | nn.Module, seed: int = 0) -> Score:
        """Return the score of an architecture, or of any convolutional module with batch norms.

        A module is scored as it is: shortcuts and squeeze-and-excitation stay. It is copied first, and not changed. Dropout
        and stochastic depth are off.

        Args:
            architecture: an architecture (its vanilla twin is scored) or a module.
            seed: of all draws; repeat i uses a generator of its own, so 4 repeats begin with the draws of 2.

        Raises:
            CannotScoreError: no batch norm, no feature map before a global pooling, a value that is not finite, no memory.
        """
        draws = [getattr(draw, self.bn_variance) for draw in self.draws(architecture, seed)]
        error = statistics.stdev(draws) / math.sqrt(len(draws)) if len(draws) > 1 else None
        return Score(statistics.fmean(draws), error)

    def draws(self, architecture: Architecture | nn.Module, seed: int = 0) -> list[Draw]:
        """Return the independent draws behind the score, both readings of each."""
        try:
            if isinstance(architecture, Architecture):
                network: nn.Module = vanilla_network(architecture, self.device)
            else:
                network = scoring_copy(architecture, self.device)
                if not _batch_norms(network):
                    raise CannotScoreError(f"{type(architecture).__name__} has no batch norm: its Zen-score is not defined")
            return [self._draw(network, seed, repeat) for repeat in range(self.repeats)]
        except NoFeatureMapError as error:
            raise CannotScoreError(str(error)) from error
        except torch.OutOfMemoryError as error:
            raise CannotScoreError(f"out of memory on {self.device}: lower batch_size={self.batch_size}") from error
        except (RuntimeError, AssertionError, TypeError) as error:
            shape = f"{self.batch_size}x{self.in_channels}x{self.resolution}x{self.resolution}"
            reason = str(error).strip().splitlines()[0] if str(error) else type(error).__name__
            raise CannotScoreError(f"it does not run on images of {shape} on {self.device}: {reason}") from error

    @torch.no_grad()
    def _draw(self, network: nn.Module, seed: int, repeat: int) -> Draw:
        generator = torch.Generator(self.device).manual_seed((seed * 1_000_003 + repeat) % 2**63)
        draw_normal(network, generator)
        norms = _batch_norms(network)
        shape = (self.batch_size, self.in_channels, self.resolution, self.resolution)
        images = torch.randn(shape, generator=generator, device=self.device)
        noise = torch.randn(shape, generator=generator, device=self.device)
        recorder = _VarianceRecorder(norms)
        try:
            first = feature_map(network, images)
            first_variances = recorder.take()
            second = feature_map(network, images.add_(noise, alpha=self.gamma))
            second_variances = recorder.take()
        finally:
            recorder.close()
        difference = first.sub_(second).abs_().sum(dtype=torch.float64).item() / self.batch_size
        batch = sum(_half_log(variance * (count - 1) / count) for variance, count in first_variances)
        running = sum(
            _half_log((1 - _MOMENTUM) ** 2 + (1 - _MOMENTUM) * _MOMENTUM * one + _MOMENTUM * two)
            for (one, _), (two, _) in zip(first_variances, second_variances, strict=True)
        )
        if not (difference > 0 and math.isfinite(difference) and math.isfinite(batch + running)):
            raise CannotScoreError(f"the score is not finite: the feature maps differ by {difference}")
        return Draw(math.log(difference) + batch, math.log(difference) + running)


class _VarianceRecorder:
    """Reads the batch variance of each batch norm from its running variance: with momentum 1 they are the same."""

    def __init__(self, norms: list[nn.Module]) -> None:
        self._seen: list[tuple[Tensor, int]] = []
        self._handles = [norm.register_forward_hook(self._record) for norm in norms]

    def _record(self, norm: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(norm.running_var, Tensor)
        count = inputs[0].numel() // inputs[0].shape[1]
        self._seen.append((norm.running_var.mean(dtype=torch.float64), count))

    def take(self) -> list[tuple[float, int]]:
        """Return (mean over channels of the unbiased variance, elements a channel) for each batch norm that ran."""
        seen = [(variance.item(), count) for variance, count in self._seen]
        self._seen.clear()
        return seen

    def close(self) -> None:
        for handle in self._handles:
            handle.remove()


def _batch_norms(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]


def _half_log(variance: float) -> float:
    return 0.5 * math.log(variance) if variance > 0 else -math.inf
