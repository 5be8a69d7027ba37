"""One Monte-Carlo evaluation of the Zen-score: two forward passes, and the variances in the batch norms."""

import copy
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from zen_lightning.arch import BaseArchitecture
from zen_lightning.nets.feature_map import feature_map
from zen_lightning.nets.flow import Node, longest_path, traced
from zen_lightning.nets.random_weights import draw_normal, draw_seed, scoring_copy, vanilla_network
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.proxy.base import CannotScoreError, Scorable
from zen_lightning.proxy.failures import reported

_MOMENTUM = 0.1
"""PyTorch's default momentum of batch norm, which the released code has."""


class Draw(NamedTuple):
    """Both readings of one Monte-Carlo evaluation, from the same two passes.

    ``batch`` is minus infinity where the input of a batch norm has no variance: after an edge without input, in a cut cell.
    """

    batch: float
    running: float


class Images(NamedTuple):
    """Settings of a draw.

    Attributes:
        shape: shape of the images: batch, channels, height, width.
        gamma: size of the perturbation.
        device: device of torch.
    """

    shape: tuple[int, int, int, int]
    gamma: float
    device: str


def draw_scores(architecture: Scorable, images: Images, seed: int, repeats: int) -> list[Draw]:
    """Return independent draws, both readings of each.

    Args:
        architecture: an architecture (its vanilla twin is drawn) or a module (a copy of it, as it is).
        images: settings of the draws.
        seed: seed of the draws; repeat i has a generator of its own, seeded with the seed and i.
        repeats: number of draws.

    Raises:
        CannotScoreError: the score is not defined for this network, or cannot be computed.
        UserError: torch does not find the device.
    """
    with reported(images.shape, images.device, not isinstance(architecture, BaseArchitecture)):
        device = torch.device(images.device)
        if isinstance(architecture, BaseArchitecture):
            network: nn.Module = vanilla_network(architecture, device)
            total: Callable[[list[float]], float] = sum
        else:
            if not _batch_norms(architecture):
                raise CannotScoreError(f"{type(architecture).__name__} has no batch norm: its Zen-score is not defined")
            network = scoring_copy(architecture, device)
            total = _largest_branches(network, images)
        return [_draw(network, images, draw_seed(seed, repeat), total) for repeat in range(repeats)]


@torch.no_grad()
def _draw(network: nn.Module, settings: Images, seed: int, total: Callable[[list[float]], float]) -> Draw:
    device = torch.device(settings.device)
    generator = torch.Generator(device).manual_seed(seed)
    draw_normal(network, generator)
    images = torch.randn(settings.shape, generator=generator, device=device)
    noise = torch.randn(settings.shape, generator=generator, device=device)
    if isinstance(network, StagedNetwork):
        images = images.to(memory_format=torch.channels_last)
    recorder = _VarianceRecorder(_batch_norms(network))
    try:
        first = feature_map(network, images)
        first_variances = recorder.take()
        second = feature_map(network, images.add_(noise, alpha=settings.gamma))
        second_variances = recorder.take()
    finally:
        recorder.close()
    difference = first.sub_(second).abs_().sum(dtype=torch.float64).item() / len(images)
    batch = total([_half_log(variance * (count - 1) / count) for variance, count in first_variances])
    running = total(
        [
            _half_log((1 - _MOMENTUM) ** 2 + (1 - _MOMENTUM) * _MOMENTUM * one + _MOMENTUM * two)
            for (one, _), (two, _) in zip(first_variances, second_variances, strict=True)
        ]
    )
    if difference == 0:
        raise CannotScoreError("the score is not finite: the feature maps do not differ")
    if not (math.isfinite(difference) and math.isfinite(running)):
        raise CannotScoreError("the score is not finite: the network diverges")
    return Draw(math.log(difference) + batch, math.log(difference) + running)


def _largest_branches(network: nn.Module, settings: Images) -> Callable[[list[float]], float]:
    """Return a function that adds up the terms of batch norms, in the order of the forward pass, in a module of any kind.

    Terms add up along a path, where each batch norm rescales its input. Of branches that join again the one with the
    largest sum counts: together they are at most the square root of their number times as large as the largest of them.
    """
    nodes: list[Node] = []
    watched = copy.deepcopy(network)
    for module in watched.modules():
        # Hooks that watch the two passes of a draw must not see this one.
        module._forward_pre_hooks.clear()
        module._forward_hooks.clear()
    for norm in _batch_norms(watched):
        norm.register_forward_hook(lambda _norm, _inputs, output: nodes.append(output.grad_fn))
    batch, *shape = settings.shape
    images = torch.zeros(min(batch, 2), *shape, device=settings.device)
    out, start = traced(partial(feature_map, watched), images)
    if out.grad_fn is None:  # The forward pass switches autograd off.
        return sum
    return lambda terms: longest_path(out.grad_fn, start, dict(zip(nodes, terms, strict=True)))


class _VarianceRecorder:
    """Reads the batch variance of each batch norm from its running variance, which is the same with momentum 1."""

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
